/// Files made of ISO base media boxes (ISO/IEC 14496-12), told apart by the brands of the first one, `ftyp`, and
/// QuickTime files, which may have none.
enum ISOMedia {
    static func type(of head: FileHead) -> MediaType? {
        // The size before a box's type begins with a zero byte wherever it is sensible: prose that happens to have
        // "ftyp" or "mdat" at its fifth character is text.
        guard !head.isText, let box = Box(at: 0, in: head) else { return nil }
        switch box.type {
        case "ftyp":
            return FileTypeBox(box, in: head).map { type(of: $0) } ?? .unknown
        case "moov", "mdat", "wide", "skip", "free", "pnot":
            // Before there was `ftyp` (QuickTime File Format, "The File Type Compatibility Atom").
            return .quickTime
        case "styp", "sidx", "moof":
            return .other("video/iso.segment", "a piece of an MP4 video, without its beginning")
        default:
            return nil
        }
    }

    /// The major brand says what the file is best used as, and decides, where it says anything. It is the shell of
    /// several image formats in `mif1` and its like: there the first compatible brand that names a codec decides.
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

/// Where a box begins and ends.
private struct Box {
    let type: String
    /// Offsets in the head; `end` may lie behind it, and is `Int.max` for a box that reaches to the file's end.
    let body: Int
    let end: Int

    /// nil where no box can be: its type is not printable, or its size smaller than its header.
    init?(at offset: Int, in head: FileHead) {
        guard let size = head.number(at: offset, length: 4), let type = head.fourCC(at: offset + 4) else { return nil }
        self.type = type
        switch size {
        case 0:
            // To the end of the file.
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

/// The brands of a file: the major one and those it is compatible with; nil stands for what is not printable.
struct FileTypeBox {
    let major: String?
    let compatible: [String]

    init(major: String?, compatible: [String]) {
        self.major = major
        self.compatible = compatible
    }

    /// nil where the file ends within the box, or the box has no room for a major brand.
    fileprivate init?(_ box: Box, in head: FileHead) {
        let end = min(box.end, head.count)
        guard end - box.body >= 8 else { return nil }
        if box.end != .max, box.end > head.count, !head.isFull { return nil }
        major = head.fourCC(at: box.body)
        // After the major brand comes its version, four bytes that say nothing about the type.
        compatible = stride(from: box.body + 8, through: end - 4, by: 4).compactMap { head.fourCC(at: $0) }
    }
}
