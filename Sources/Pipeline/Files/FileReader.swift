import Synchronization
import Watch

/// Reads an open file once, from front to back; the same buffers are hashed and handed on.
///
/// One reader serves one upload: for parts that go side by side it hands them out in order. Not for two tasks at once.
final class FileReader: Sendable {
    /// 256 KiB: larger chunks gain nothing, 64 KiB cost half as much CPU again (measured with async-http-client).
    static let chunkLength = 256 * 1024

    private let file: SourceFile
    private let hasher = StreamHasher()
    private let position = Mutex<Int64>(0)

    init(_ file: SourceFile) {
        self.file = file
    }

    /// The next chunk before `end`, nil once `end` is reached.
    ///
    /// - Throws: `SourceFileError.truncated` where the file ends earlier, `.changed` where it is not the version any more that
    ///   was opened: what nobody will count need not go on its way. (A change of the ctime alone says nothing of the bytes.)
    func next(before end: Int64) async throws -> [UInt8]? {
        let offset = position.withLock { $0 }
        guard offset < end else { return nil }
        let count = Int(min(Int64(Self.chunkLength), end - offset))
        let file = file
        let chunk = try await BlockingThreads.shared.look {
            let chunk = try file.read(at: offset, count: count)
            guard chunk.count == count else { throw SourceFileError.truncated }
            guard try file.currentVersion().hasSameBytes(as: file.version) else { throw SourceFileError.changed }
            return chunk
        }
        await hasher.add(chunk)
        position.withLock { $0 = offset + Int64(count) }
        return chunk
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
