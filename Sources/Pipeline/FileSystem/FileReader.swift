import Threads
import Watch

/// Reads an open file once, from front to back; the same buffers are hashed and handed on.
///
/// One reader serves one upload: for parts that go side by side it hands them out in order. Not for two tasks at once.
final class FileReader: Sendable {
    /// 256 KiB: larger chunks gain nothing, 64 KiB cost half as much CPU again (measured with async-http-client).
    static let chunkLength = 256 * 1024

    private let source: UploadSource
    private let hasher = StreamHasher()
    private let position = Mutex<Int64>(0)
    private let version: Mutex<FileVersion>
    private let original = Mutex(true)
    /// How often it is still looked whether a change was one of times alone.
    private let looks: Mutex<Int>

    /// Three looks: a file that was touched goes on; one that somebody keeps writing to is not read over and over.
    convenience init(_ source: UploadSource) {
        self.init(source, as: source.version, looks: 3)
    }

    /// Reads the version that the file has by now, and no other.
    convenience init(_ source: UploadSource, as version: FileVersion) {
        self.init(source, as: version, looks: 0)
    }

    private init(_ source: UploadSource, as version: FileVersion, looks: Int) {
        self.source = source
        self.version = Mutex(version)
        self.looks = Mutex(looks)
    }

    /// Whether all that was read so far was read while the file was the very version that was opened. Where it was not, and
    /// be it the ctime alone, what is read is whole and hashed, but nothing that an earlier reader met.
    var isOriginal: Bool { original.withLock { $0 } }

    /// In bytes from the file's beginning: where the next chunk begins.
    var offset: Int64 { position.withLock { $0 } }

    /// The next chunk before `end`, nil once `end` is reached.
    ///
    /// - Throws: `SourceFileError.truncated` where the file ends earlier, `.changed` where it is not the version any more that
    ///   was opened: what nobody will count need not go on its way. A change of the ctime alone says nothing of the bytes;
    ///   after one of the mtime the bytes that were read are read again, and a file that was only touched goes on.
    func next(before end: Int64) async throws -> [UInt8]? {
        let offset = offset
        guard offset < end else { return nil }
        let count = Int(min(Int64(Self.chunkLength), end - offset))
        var chunk = try await read(at: offset, count: count)
        while chunk == nil {
            guard try await hasOnlyBeenTouched() else { throw SourceFileError.changed }
            chunk = try await read(at: offset, count: count)
        }
        guard let chunk else { return nil }
        await hasher.add(chunk)
        position.withLock { $0 = offset + Int64(count) }
        return chunk
    }

    /// Nil where the file has another mtime than the bytes before these had.
    private func read(at offset: Int64, count: Int) async throws -> [UInt8]? {
        let (chunk, now) = try await source.look { file in
            let chunk = try file.read(at: offset, count: count)
            guard chunk.count == count else { throw SourceFileError.truncated }
            return (chunk, try file.currentVersion())
        }
        if now != source.version { original.withLock { $0 = false } }
        return now.hasSameBytes(as: version.withLock { $0 }) ? chunk : nil
    }

    /// Whether the bytes that were read are those that the file has, though its mtime is another one, and nobody
    /// writes to it; then what it is now is what is read on.
    private func hasOnlyBeenTouched() async throws -> Bool {
        let isWorthIt = looks.withLock { looks in
            looks -= 1
            return looks >= 0
        }
        guard isWorthIt, let now = try await quietVersion(), now.mayHaveSameBytes(as: source.version) else {
            return false
        }
        let again = FileReader(source, as: now)
        try await again.skip(to: offset)
        guard await again.digest() == digest(), try await quietVersion()?.hasSameBytes(as: now) == true else {
            return false
        }
        version.withLock { $0 = now }
        return true
    }

    /// The file's version; nil where a process holds it open for writing. Where the kernel does not tell, whoever writes is
    /// seen by the next look at the version.
    private func quietVersion() async throws -> FileVersion? {
        let state = try await source.currentState()
        return state.isHeldForWriting == true ? nil : state.version
    }

    /// Reads, hashes and drops everything before `end`.
    func skip(to end: Int64) async throws {
        while try await next(before: end) != nil {}
    }

    /// The digest of what was read so far: of the whole file once its end was reached.
    func digest() async -> SHA256Digest {
        await hasher.digest()
    }
}
