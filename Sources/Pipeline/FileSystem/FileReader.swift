import Threads
import Watch

/// Reads an open file once, from front to back. The same buffers are hashed and handed on.
///
/// One reader serves one upload. It hands out pieces in order, also if they are sent side by side. Not for two tasks at
/// once.
final class FileReader: Sendable {
    /// 256 KiB. Larger chunks gain nothing; 64 KiB cost half as much CPU again (measured with async-http-client).
    static let chunkLength = 256 * 1024

    /// Where the bytes come from.
    private enum Origin {
        /// They were read with the opening.
        case opening(WholeFile)
        /// They are read chunk by chunk, and hashed on the way.
        case chunks(StreamHasher)
    }

    private let source: UploadSource
    private let origin: Origin
    private let position = Mutex<Int64>(0)
    private let version: Mutex<FileVersion>
    private let original = Mutex(true)
    /// How many more changes are checked for being changes of the times alone.
    private let looks: Mutex<Int>

    /// Allows three such checks. So a touched file goes on, and a file under constant writing is not read over and
    /// over.
    convenience init(_ source: UploadSource) {
        self.init(source, as: source.version, looks: 3)
    }

    /// Reads only this version, which the file has by now.
    convenience init(_ source: UploadSource, as version: FileVersion) {
        self.init(source, as: version, looks: 0)
    }

    private init(_ source: UploadSource, as version: FileVersion, looks: Int) {
        self.source = source
        let whole = version == source.version ? source.whole : nil
        origin = whole.map(Origin.opening) ?? .chunks(StreamHasher())
        self.version = Mutex(version)
        self.looks = Mutex(looks)
    }

    /// Whether the file was in the version that was opened during all reads so far.
    ///
    /// If not, even by the ctime alone, the bytes are still whole and hashed. But they may differ from bytes that an
    /// earlier reader read.
    var isOriginal: Bool { original.withLock { $0 } }

    /// The place of the next chunk, in bytes from the file's beginning.
    var offset: Int64 { position.withLock { $0 } }

    /// The next chunk before `end`; nil when `end` is reached.
    ///
    /// A changed ctime alone says nothing about the bytes. After a changed mtime, the bytes so far are read again; a
    /// file that was only touched goes on.
    ///
    /// - Throws: `SourceFileError.truncated` if the file ends earlier, `.changed` if it has other bytes than the
    ///   version that was opened. Nobody would count these bytes, so they need not be sent.
    func next(before end: Int64) async throws -> [UInt8]? {
        let offset = offset
        guard offset < end else { return nil }
        let count = Int(min(Int64(Self.chunkLength), end - offset))
        let hasher: StreamHasher
        switch origin {
        case .opening(let whole):
            position.withLock { $0 = offset + Int64(count) }
            return whole.bytes(at: Int(offset), count: count)
        case .chunks(let chunks): hasher = chunks
        }
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

    /// Nil if the file's size or mtime differs from the version of the bytes before.
    private func read(at offset: Int64, count: Int) async throws -> [UInt8]? {
        let (chunk, now) = try await source.look { file in
            let chunk = try file.read(at: offset, count: count)
            guard chunk.count == count else { throw SourceFileError.truncated }
            return (chunk, try file.currentVersion())
        }
        if now != source.version { original.withLock { $0 = false } }
        return now.hasSameBytes(as: version.withLock { $0 }) ? chunk : nil
    }

    /// Whether the file still has the bytes that were read, although its mtime differs, and nobody writes to it. If so,
    /// the reader goes on with the new version.
    private func hasOnlyBeenTouched() async throws -> Bool {
        let isWorthIt = looks.withLock { looks in
            looks -= 1
            return looks >= 0
        }
        guard isWorthIt, let now = try await quietVersion(), now.mayHaveSameBytes(as: source.version) else {
            return false
        }
        let again = FileReader(source, as: now)
        try await again.hash(to: offset)
        guard await again.digest() == digest(), try await quietVersion()?.hasSameBytes(as: now) == true else {
            return false
        }
        version.withLock { $0 = now }
        return true
    }

    /// The file's version; nil if a process holds it open for writing. If the kernel does not tell, the next look at
    /// the version finds a writer.
    private func quietVersion() async throws -> FileVersion? {
        let state = try await source.currentState()
        return state.isHeldForWriting == true ? nil : state.version
    }

    /// Reads and hashes all bytes before `end`, and hands them to nobody.
    func hash(to end: Int64) async throws {
        while try await next(before: end) != nil {}
    }

    /// The digest of all bytes so far. At the end of the file, this is the digest of the whole file.
    func digest() async -> SHA256Digest {
        switch origin {
        case .opening(let whole): whole.digest(before: Int(offset))
        case .chunks(let hasher): await hasher.digest()
        }
    }
}
