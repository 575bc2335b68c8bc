/// Bytes at fixed places that identify a type.
struct Signature {
    let type: MediaType
    private let parts: [Part]
    /// Its bytes could begin a text. So it counts only if the head has binary data too: "BMW is a car" is no BMP.
    private let needsBinary: Bool

    private struct Part {
        let offset: Int
        let bytes: [UInt8]
    }

    init(_ bytes: [UInt8], at offset: Int = 0, _ type: MediaType) {
        self.init(type: type, parts: [Part(offset: offset, bytes: bytes)], needsBinary: false)
    }

    init(_ text: String, at offset: Int = 0, _ type: MediaType) {
        self.init([UInt8](text.utf8), at: offset, type)
    }

    /// A signature of a few letters. A text can begin with them as well.
    init(word: String, _ type: MediaType) {
        self.init(type: type, parts: [Part(offset: 0, bytes: [UInt8](word.utf8))], needsBinary: true)
    }

    private init(type: MediaType, parts: [Part], needsBinary: Bool) {
        self.type = type
        self.parts = parts
        self.needsBinary = needsBinary
    }

    /// The same signature, with these further bytes at `offset`.
    func and(_ bytes: [UInt8], at offset: Int) -> Signature {
        Signature(type: type, parts: parts + [Part(offset: offset, bytes: bytes)], needsBinary: needsBinary)
    }

    func and(_ text: String, at offset: Int) -> Signature {
        and([UInt8](text.utf8), at: offset)
    }

    func matches(_ head: FileHead) -> Bool {
        if needsBinary && head.isText { return false }
        return parts.allSatisfy { head.has($0.bytes, at: $0.offset) }
    }

    /// Whether the file ends within this signature. One byte is too few to say so.
    func isCutOff(in head: FileHead) -> Bool {
        guard let first = parts.first, first.offset == 0, head.count >= 2 else { return false }
        return head.count < first.bytes.count && first.bytes.starts(with: head.bytes)
    }
}
