/// Decides by its first bytes what a file is. Its name is never looked at.
///
/// The order matters, since files of two families can begin alike:
/// 1. signatures at fixed places (``SignatureTable``), as in the WHATWG MIME Sniffing Standard and in its order;
/// 2. containers that have to be read: ISO base media (``ISOMedia``), EBML (``EBMLHeader``), ZIP (``ZIPArchive``);
/// 3. streams without a signature: MPEG audio and transport streams (``MPEGStream``);
/// 4. text: markup and JSON (``TextFormat``);
/// 5. a PDF behind leading junk, then plain text, then no known type.
///
/// A file that ends within its type's signature is of no known type. A polyglot is what its beginning says. For
/// example, a PDF with a ZIP archive behind it is a PDF.
package enum MediaClassifier {
    /// How many bytes ``classify(_:)`` needs. Give it fewer only if the file has no more.
    ///
    /// The standard reads 1445. A WebM header or a long list of brands is well below this number, too.
    package static let headLength = 4096

    /// The type of the file that begins with `head`. An empty head is of no known type.
    package static func classify(_ head: [UInt8]) -> MediaType {
        let head = FileHead(head)
        return SignatureTable.type(of: head)
            ?? ISOMedia.type(of: head)
            ?? EBMLHeader.type(of: head)
            ?? ZIPArchive.type(of: head)
            ?? MPEGStream.type(of: head)
            ?? TextFormat.type(of: head)
            ?? laterPDF(head)
            ?? plainText(head)
            ?? .unknown
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
