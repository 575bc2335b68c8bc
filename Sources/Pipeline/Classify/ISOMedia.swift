/// Files made of ISO base media boxes (ISO/IEC 14496-12), and QuickTime files. The brands in the box `ftyp` tell them
/// apart. QuickTime files may have no `ftyp`.
enum ISOMedia {
    /// Nil if the file is none of these.
    static func finding(of head: FileHead, in bytes: FileBytes) -> MediaFinding? {
        // A box's size comes before its type, and every sensible size begins with a zero byte. So prose with "ftyp" or
        // "mdat" at its fifth character is text.
        guard !head.isText, let first = ISOBox(at: 0, before: bytes.size, in: bytes) else { return nil }
        switch first.type {
        case "ftyp":
            return FileTypeBox(first, in: bytes).map { finding(of: $0, in: bytes) } ?? MediaFinding(.unknown)
        case "free", "skip", "wide", "uuid", "pdin":
            if let brands = laterBrands(in: bytes) { return finding(of: brands, in: bytes) }
            return ISOContent.finding(.quickTime, in: bytes)
        case "moov", "mdat", "pnot":
            // QuickTime files older than `ftyp` (QuickTime File Format, "The File Type Compatibility Atom").
            return ISOContent.finding(.quickTime, in: bytes)
        case "styp", "sidx", "moof":
            return MediaFinding(.other("video/iso.segment", "a piece of an MP4 video, without its beginning"))
        default:
            return nil
        }
    }

    /// The brands of a file with an `ftyp` behind boxes that hold nothing.
    private static func laterBrands(in bytes: FileBytes) -> FileTypeBox? {
        var brands: FileTypeBox?
        var left = 64
        ISOBox.walk(0..<bytes.size, in: bytes) { box in
            left -= 1
            switch box.type {
            case "ftyp":
                brands = FileTypeBox(box, in: bytes)
                return false
            case "free", "skip", "wide", "uuid", "pdin": return left > 0
            default: return false
            }
        }
        return brands
    }

    private static func finding(of file: FileTypeBox, in bytes: FileBytes) -> MediaFinding {
        if let type = type(of: file) { return ISOContent.finding(type, in: bytes) }
        let brand = file.major.map { "of the unknown brand '\($0)'" } ?? "of no known brand"
        return ISOContent.unknownBrand(.other(MIMEType.unknown.rawValue, "an ISO media file \(brand)"), in: bytes)
    }

    /// The type of a file by its brands. Nil if no brand is known. The major brand names the file's best use, so it
    /// decides if its meaning is known.
    ///
    /// `mif1` and its like are shells for several image formats. There the first compatible brand with a codec decides.
    /// A 3GP file that says it is an MP4 as well goes as one (WHATWG MIME Sniffing Standard, 6.2.1).
    static func type(of file: FileTypeBox) -> MediaType? {
        if ISOBrand.isImageShell(file.major) {
            return file.compatible.lazy.compactMap { ISOBrand.image($0) }.first ?? .heif
        }
        if ISOBrand.is3GP(file.major), file.compatible.contains(where: { $0.hasPrefix("mp4") || $0.hasPrefix("iso") }) {
            return .mp4
        }
        if let type = ISOBrand.type(file.major) { return type }
        if let type = file.compatible.lazy.compactMap({ ISOBrand.type($0) }).first { return type }
        return file.compatible.contains(where: { ISOBrand.isImageShell($0) }) ? .heif : nil
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

    /// Nil if the file ends within the box. Also nil if the box has no room for a major brand and its version. Of a
    /// long list, the first brands count.
    fileprivate init?(_ box: ISOBox, in bytes: FileBytes) {
        let length = min(box.end - box.body, Int64(MediaClassifier.headLength))
        guard length >= 8, box.end <= bytes.size else { return nil }
        major = bytes.fourCC(at: box.body)
        // After the major brand comes its version: four bytes without a meaning for the type.
        compatible = stride(from: 8, through: length - 4, by: 4).compactMap { bytes.fourCC(at: box.body + $0) }
    }
}
