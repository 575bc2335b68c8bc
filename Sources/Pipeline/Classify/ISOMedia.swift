/// Files made of ISO base media boxes (ISO/IEC 14496-12), and QuickTime files. The brands in the first box, `ftyp`,
/// tell them apart. QuickTime files may have no `ftyp`.
enum ISOMedia {
    static func type(of head: FileHead) -> MediaType? {
        // A box's size comes before its type, and every sensible size begins with a zero byte. So prose with "ftyp" or
        // "mdat" at its fifth character is text.
        guard !head.isText, let box = Box(at: 0, in: head) else { return nil }
        switch box.type {
        case "ftyp":
            return FileTypeBox(box, in: head).map { type(of: $0) } ?? .unknown
        case "moov", "mdat", "wide", "skip", "free", "pnot":
            // QuickTime files older than `ftyp` (QuickTime File Format, "The File Type Compatibility Atom").
            return .quickTime
        case "styp", "sidx", "moof":
            return .other("video/iso.segment", "a piece of an MP4 video, without its beginning")
        default:
            return nil
        }
    }

    /// The type of a file by its brands. The major brand names the file's best use, so it decides if its meaning is
    /// known.
    ///
    /// `mif1` and its like are shells for several image formats. There the first compatible brand with a codec decides.
    static func type(of file: FileTypeBox) -> MediaType {
        if ISOBrand.isImageShell(file.major) {
            return file.compatible.lazy.compactMap { ISOBrand.image($0) }.first ?? .heif
        }
        if let type = ISOBrand.type(file.major) { return type }
        if let type = file.compatible.lazy.compactMap({ ISOBrand.type($0) }).first { return type }
        if file.compatible.contains(where: { ISOBrand.isImageShell($0) }) { return .heif }
        let brand = file.major.map { "of the unknown brand '\($0)'" } ?? "of no known brand"
        return .other(MIMEType.unknown.rawValue, "an ISO media file \(brand)")
    }
}

/// The place of a box in the head.
private struct Box {
    let type: String
    /// Offsets in the head. `end` may lie behind the head. It is `Int.max` if the box reaches to the end of the file.
    let body: Int
    let end: Int

    /// Nil if no box can be here: its type is not printable, or its size is smaller than its header.
    init?(at offset: Int, in head: FileHead) {
        guard let size = head.number(at: offset, length: 4), let type = head.fourCC(at: offset + 4) else { return nil }
        self.type = type
        switch size {
        case 0:
            // Size 0: the box reaches to the end of the file.
            body = offset + 8
            end = .max
        case 1:
            guard let long = head.number(at: offset + 8, length: 8), long >= 16 else { return nil }
            body = offset + 16
            end = Int(clamping: long).addingReportingOverflow(offset).overflow ? .max : Int(clamping: long) + offset
        default:
            guard size >= 8 else { return nil }
            body = offset + 8
            end = offset + Int(size)
        }
    }
}

/// The brands of a file: the major one and the compatible ones. A major brand that is not printable is nil. Compatible
/// brands that are not printable are left out.
struct FileTypeBox {
    let major: String?
    let compatible: [String]

    init(major: String?, compatible: [String]) {
        self.major = major
        self.compatible = compatible
    }

    /// Nil if the file ends within the box. Also nil if the box has no room for a major brand and its version.
    fileprivate init?(_ box: Box, in head: FileHead) {
        let end = min(box.end, head.count)
        guard end - box.body >= 8 else { return nil }
        if box.end != .max, box.end > head.count, !head.isFull { return nil }
        major = head.fourCC(at: box.body)
        // After the major brand comes its version: four bytes without a meaning for the type.
        compatible = stride(from: box.body + 8, through: end - 4, by: 4).compactMap { head.fourCC(at: $0) }
    }
}
