import Watch

/// Ranges of a file's bytes, for the look at what the file holds. No read goes past the end of the file.
///
/// A look is bounded in bytes, reads and questions, so a hostile file costs no more than a large one. Past a bound,
/// each answer is nil and ``isSpent`` is true. What a reader has not seen by then, it takes on trust.
package final class FileBytes {
    /// The bounds of one look. A PNG of 27 MB in pieces of 8 KiB, or an MP4 of 1,700 fragments, is within them.
    package static let mostReads = 4096
    package static let mostBytes = 8 << 20
    package static let mostQuestions = 1 << 15

    /// A read for a small question takes so many bytes: the next question is often about what follows.
    private static let windowLength = 512

    package let size: Int64
    /// The first bytes of the file, at most ``MediaClassifier/headLength``.
    let head: [UInt8]
    /// Whether a bound was reached.
    package private(set) var isSpent = false
    package private(set) var reads = 0
    package private(set) var bytesRead = 0
    private var questions = 0
    /// The first failure of a read. All answers since then are nil.
    private(set) var failure: SourceFileError?
    private var window: ArraySlice<UInt8> = []
    private var windowStart: Int64 = 0
    private let source: (Int64, Int) throws(SourceFileError) -> [UInt8]

    /// `source` reads a number of bytes at an offset.
    init(size: Int64, from source: @escaping (Int64, Int) throws(SourceFileError) -> [UInt8]) {
        self.size = size
        self.source = source
        let length = Int(min(size, Int64(MediaClassifier.headLength)))
        var (first, cause): ([UInt8], SourceFileError?) = ([], nil)
        do throws(SourceFileError) {
            first = try source(0, length)
            if first.count < length { cause = .truncated }
        } catch {
            cause = error
        }
        (head, failure) = (first, cause)
        (reads, bytesRead) = (1, first.count)
    }

    convenience init(_ file: SourceFile) {
        self.init(size: file.version.size) { offset, count throws(SourceFileError) in
            try file.read(at: offset, count: count)
        }
    }

    /// The bytes of a file that is in memory.
    package convenience init(_ content: [UInt8]) {
        self.init(size: Int64(content.count)) { offset, count in
            Array(content[min(Int(offset), content.count)...].prefix(count))
        }
    }

    /// Exactly `count` bytes at `offset`. Nil if the file ends earlier, or if no more may be read.
    func bytes(at offset: Int64, count: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, Int64(count) <= size, offset <= size - Int64(count), isAllowed() else {
            return nil
        }
        if offset + Int64(count) <= Int64(head.count) { return head[Int(offset)..<Int(offset) + count] }
        if let bytes = fromWindow(offset, count) { return bytes }
        guard let read = read(at: offset, count: min(max(count, Self.windowLength), Int(clamping: size - offset)))
        else {
            return nil
        }
        (window, windowStart) = (read[...], offset)
        return fromWindow(offset, count)
    }

    /// Up to `count` bytes at `offset`: fewer at the end of the file. Nil if no more may be read.
    func some(at offset: Int64, upTo count: Int) -> ArraySlice<UInt8>? {
        guard (0...size).contains(offset) else { return nil }
        return bytes(at: offset, count: Int(min(Int64(count), size - offset)))
    }

    /// A number in big endian.
    func number(at offset: Int64, length: Int) -> UInt64? {
        bytes(at: offset, count: length)?.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number in little endian.
    func littleNumber(at offset: Int64, length: Int) -> UInt64? {
        bytes(at: offset, count: length)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Four characters, such as a box type or a brand. Nil if one is not printable ASCII.
    func fourCC(at offset: Int64) -> String? {
        guard let field = bytes(at: offset, count: 4), field.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        return String(decoding: field, as: UTF8.self)
    }

    func has(_ text: String, at offset: Int64) -> Bool {
        bytes(at: offset, count: text.utf8.count)?.elementsEqual(text.utf8) == true
    }

    private func fromWindow(_ offset: Int64, _ count: Int) -> ArraySlice<UInt8>? {
        guard offset >= windowStart, offset - windowStart <= Int64(window.count) else { return nil }
        let start = window.startIndex + Int(offset - windowStart)
        guard count <= window.endIndex - start else { return nil }
        return window[start..<start + count]
    }

    private func isAllowed() -> Bool {
        if questions >= Self.mostQuestions { isSpent = true }
        questions += 1
        return !isSpent && failure == nil
    }

    private func read(at offset: Int64, count: Int) -> [UInt8]? {
        guard reads < Self.mostReads, bytesRead + count <= Self.mostBytes else {
            isSpent = true
            return nil
        }
        reads += 1
        do throws(SourceFileError) {
            let bytes = try source(offset, count)
            bytesRead += bytes.count
            // The size is that of the version that was opened.
            if bytes.count < count { failure = .truncated }
            return bytes.count < count ? nil : bytes
        } catch {
            failure = error
            return nil
        }
    }
}
