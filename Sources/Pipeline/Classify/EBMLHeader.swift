/// The header of an EBML file (RFC 8794). WebM and Matroska have the same container, and differ in the document type.
enum EBMLHeader {
    /// Nil if the file is not an EBML file.
    static func finding(of head: FileHead, in bytes: FileBytes) -> MediaFinding? {
        guard head.has([0x1A, 0x45, 0xDF, 0xA3], at: 0) else { return nil }
        guard let header = EBMLElement(at: 0, in: bytes), let name = documentType(in: header, bytes) else {
            return MediaFinding(.unknown)
        }
        switch name {
        case "webm": return WebMContent.finding(behind: header, in: bytes)
        case "matroska": return MediaFinding(matroska, measure: WebMContent.measure(behind: header, in: bytes))
        default: return MediaFinding(.other("application/x-ebml", "an EBML file that is neither WebM nor Matroska"))
        }
    }

    /// Elements come in any order, and unknown ones may be among them. Nil if there is no document type among the first
    /// bytes.
    private static func documentType(in header: EBMLElement, _ bytes: FileBytes) -> String? {
        let end = header.end(within: Int64(bytes.head.count))
        var name: String?
        EBMLElement.walk(min(header.body, end)..<end, in: bytes) { element in
            guard element.id == 0x4282 else { return true }
            if let size = element.size, size <= end - element.body {
                // A string may be padded with zeros.
                let text = bytes.bytes(at: element.body, count: Int(size))?.prefix { $0 != 0 }
                name = text.map { String(decoding: $0, as: UTF8.self) }
            }
            return false
        }
        return name
    }

    private static let matroska = MediaType.rewrappable("video/x-matroska", "a Matroska video", "mkv")
}
