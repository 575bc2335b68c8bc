/// Tells by the first bytes what a file is; its name is never looked at.
///
/// The order matters, since files of two families can begin alike:
/// 1. signatures at fixed places (``SignatureTable``), as in the WHATWG MIME Sniffing Standard and its own order;
/// 2. containers that have to be read: ISO base media (``ISOMedia``), EBML (``EBMLHeader``), ZIP (``ZIPArchive``);
/// 3. streams without a signature: MPEG audio and transport streams (``MPEGStream``);
/// 4. text: markup and JSON (``TextFormat``);
/// 5. a PDF behind leading junk, then plain text, then nothing that is known.
///
/// A file that ends within the signature of its type is of no known type. A polyglot is what its beginning says: a PDF
/// with a ZIP archive behind it is a PDF.
package enum MediaClassifier {
    /// In bytes: what ``classify(_:)`` wants to see; fewer only where the file has no more.
    ///
    /// The standard reads 1445; a WebM's header or a long list of brands stays well below this too.
    package static let headLength = 4096

    /// The type of the file that begins with `head`. Empty heads are of no known type.
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

    /// A PDF whose header is not at the start: readers take it within the first 1024 bytes (Adobe's implementation note
    /// 13 to PDF 1.7). A text that merely speaks of `%PDF-` has no version behind it and no object.
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
