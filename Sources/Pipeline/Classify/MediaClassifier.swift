/// Decides by its bytes what a file is, whether it is whole, and how large or long its picture is. Its name is never
/// looked at.
///
/// The order matters, since files of two families can begin alike:
/// 1. signatures at fixed places (``SignatureTable``), as in the WHATWG MIME Sniffing Standard and in its order; behind
///    them, the file's own reader (``JPEGContent``, ``PNGContent``, ``GIFContent``, ``RIFFContent``, ``RawPhoto``);
/// 2. containers that have to be read: ISO base media (``ISOMedia``), EBML (``EBMLHeader``), ZIP (``ZIPArchive``);
/// 3. streams without a signature: MPEG audio and transport streams (``MPEGStream``);
/// 4. text: markup and JSON (``TextFormat``);
/// 5. a PDF behind leading junk, then plain text, then no known type.
///
/// A file that ends within its type's signature is of no known type. A polyglot is what its beginning says. For
/// example, a PDF with a ZIP archive behind it is a PDF.
package enum MediaClassifier {
    /// How many first bytes tell the type of most files.
    ///
    /// The standard reads 1445. A WebM header or a long list of brands is well below this number, too.
    package static let headLength = 4096

    /// What the open file is, in the version that was opened. Blocks.
    static func classify(_ file: SourceFile) throws(SourceFileError) -> MediaFinding {
        let bytes = FileBytes(file)
        let finding = classify(bytes)
        if let failure = bytes.failure { throw failure }
        return finding
    }

    /// What the file of these bytes is. An empty file is of no known type.
    package static func classify(_ bytes: FileBytes) -> MediaFinding {
        let head = FileHead(bytes.head)
        if let type = SignatureTable.type(of: head) { return signed(type, bytes) }
        if let finding = ISOMedia.finding(of: head, in: bytes) ?? EBMLHeader.finding(of: head, in: bytes) {
            return finding
        }
        let type =
            ZIPArchive.type(of: head)
            ?? MPEGStream.type(of: head)
            ?? TextFormat.type(of: head)
            ?? laterPDF(head)
            ?? plainText(head)
        return type.map { MediaFinding($0) } ?? unknown(bytes)
    }

    /// A file of a type with a signature. PDF readers forgive what their files lack.
    private static func signed(_ type: MediaType, _ bytes: FileBytes) -> MediaFinding {
        switch type {
        case .jpeg: JPEGContent.finding(in: bytes)
        case .png: PNGContent.finding(in: bytes)
        case .gif: GIFContent.finding(in: bytes)
        case .webp: RIFFContent.webP(in: bytes)
        case .avi: RIFFContent.avi(in: bytes)
        case .tiff: MediaFinding(RawPhoto.type(in: bytes) ?? .tiff)
        default: MediaFinding(type)
        }
    }

    /// A copy or download that makes room first begins with zeros.
    private static func unknown(_ bytes: FileBytes) -> MediaFinding {
        guard
            bytes.size > 0, bytes.head.allSatisfy({ $0 == 0 }),
            bytes.some(at: 0, upTo: 64 << 10)?.allSatisfy({ $0 == 0 }) == true
        else { return MediaFinding(.unknown) }
        return MediaFinding(.unknown, fault: "this file holds only zeros: the copy or download was not finished")
    }

    /// A PDF whose header is not at the start. Readers accept a header within the first 1024 bytes (Adobe's
    /// implementation note 13 to PDF 1.7). A text that only mentions `%PDF-` has no version and no object behind it.
    private static func laterPDF(_ head: FileHead) -> MediaType? {
        let mark = [UInt8]("%PDF-".utf8)
        guard
            let start = head.firstIndex(of: mark, before: 1024),
            let major = head.byte(at: start + 5), (0x31...0x39).contains(major),
            head.has(".", at: start + 6),
            head.firstIndex(of: [UInt8](" obj".utf8), from: start) != nil
        else { return nil }
        return .pdf
    }

    private static func plainText(_ head: FileHead) -> MediaType? {
        let isText = head.hasByteOrderMark || head.isText
        guard isText, !head.isEmpty, !SignatureTable.isCutOff(head) else { return nil }
        return .other("text/plain", "plain text")
    }
}
