import Crypto
import DequeModule
import Threads
import Watch

/// Reads an open file once, from front to back. The same memory is hashed and handed on.
///
/// One reader serves one upload. It hands out pieces in order, also if they are sent side by side. Not for two tasks at
/// once. After an error it is of no use.
final class FileReader: Sendable {
    /// The most bytes of a chunk: 1 MiB. Each chunk wakes some threads, so short ones cost CPU time. With SHA-256 and
    /// async-http-client, 512 KiB cost a quarter more than 1 MiB, and 256 KiB two fifths more (measured over 1 GiB).
    static let chunkLength = 1 << 20
    /// The most bytes that are read and not handed out: 2 MiB.
    static let mostAhead = 2 * chunkLength
    /// 256 KiB. What was just read is hashed while it is in the core's own cache.
    private static let stepLength = 256 << 10
    /// A look at the file ends after this time, though there is more to read. So a slow disk is not taken for a hung
    /// one, and a fast one does not keep a thread of the folder.
    private static let longestLook = Duration.milliseconds(250)

    /// Where the bytes come from.
    private enum Origin {
        /// They were read with the opening.
        case opening(WholeFile)
        /// They are read chunk by chunk, and hashed on the way.
        case chunks
    }

    private struct State {
        /// How far the chunks were handed out, in bytes from the file's beginning.
        var offset: Int64 = 0
        /// How far the file was read. `ready` has the bytes between the two.
        var position: Int64 = 0
        var ready: Deque<Chunk> = []
        /// Of all bytes before `position`.
        var hash = SHA256()
        /// How far the file may be read.
        var end: Int64 = 0
        /// The version that the file must have by its size and mtime.
        var version: FileVersion
        var isOriginal = true
        /// How many more changes are checked for being changes of the times alone.
        var looks: Int
        /// Whether a task of its own reads ahead.
        var isAhead = false
        var failure: (any Error)?

        /// How many bytes the next chunk may have. Nil if none may be read now.
        var room: Int? {
            guard failure == nil, position < end, position - offset <= FileReader.mostAhead - FileReader.chunkLength
            else { return nil }
            return Int(min(Int64(FileReader.chunkLength), end - position))
        }

        /// Takes the next chunk.
        mutating func takeChunk() -> Chunk? {
            guard let chunk = ready.popFirst() else { return nil }
            offset += Int64(chunk.count)
            return chunk
        }
    }

    private let source: UploadSource
    private let origin: Origin
    private let state: Monitor<State>

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
        origin = whole.map(Origin.opening) ?? .chunks
        state = Monitor(State(version: version, looks: looks))
    }

    /// Whether the file was in the version that was opened during all reads so far.
    ///
    /// If not, even by the ctime alone, the bytes are still whole and hashed. But they may differ from bytes that an
    /// earlier reader read.
    var isOriginal: Bool { state.read { $0.isOriginal } }

    /// The place of the next chunk, in bytes from the file's beginning.
    var offset: Int64 { state.read { $0.offset } }

    /// Runs `body`. Meanwhile reads and hashes beside it what it asks for next, at most ``mostAhead``.
    ///
    /// So hashing and sending share the work of two cores.
    func ahead<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        if case .opening = origin { return try await body() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            state.change { $0.isAhead = true }
            defer {
                group.cancelAll()
                state.change { $0.isAhead = false }
            }
            group.addTask {
                while true {
                    try await self.state.wait { $0.room != nil }
                    try await self.readOn()
                }
            }
            return try await body()
        }
    }

    /// The next chunk before `end`; nil when `end` is reached. No later call may name a smaller `end`.
    ///
    /// A changed ctime alone says nothing about the bytes. After a changed mtime, the bytes so far are read again; a
    /// file that was only touched goes on.
    ///
    /// - Throws: `SourceFileError.truncated` if the file ends earlier, `.changed` if it has other bytes than the
    ///   version that was opened. Nobody would count these bytes, so they need not be sent.
    func next(before end: Int64) async throws -> Chunk? {
        if case .opening(let whole) = origin {
            return state.change { state in
                guard state.offset < end else { return nil }
                let part = whole.bytes.part(from: Int(state.offset), most: Int(end - state.offset))
                state.offset += Int64(part.count)
                return part
            }
        }
        state.change { $0.end = max($0.end, end) }
        if offset >= end { return nil }
        while state.read({ !$0.isAhead && $0.ready.isEmpty && $0.failure == nil }) { try await readOn() }
        return try await state.value { state -> Result<Chunk, any Error>? in
            if let failure = state.failure { return .failure(failure) }
            return state.takeChunk().map { .success($0) }
        }.get()
    }

    /// Reads and hashes, as long as somebody wants more of the file. Returns after a while.
    private func readOn() async throws {
        do {
            // A look that nobody waits for any more changes nothing that counts: the failure stays.
            let isAsBefore = try await source.look { try self.read($0) }
            if isAsBefore { return }
            guard try await hasOnlyBeenTouched() else { throw SourceFileError.changed }
        } catch {
            state.change { $0.failure = $0.failure ?? error }
            throw error
        }
    }

    /// Reads chunks until there is no room for another one. Blocks. Returns false if the file's size or mtime differs.
    private func read(_ file: SourceFile) throws -> Bool {
        let begun = SuspendingClock.now
        while let room = state.read(\.room), begun.duration(to: .now) < Self.longestLook {
            let before = state.read { $0 }
            var (chunk, hash, position) = (Chunk(capacity: room), before.hash, before.position)
            var (isAsBefore, isOriginal) = (true, before.isOriginal)
            while chunk.count < room, isAsBefore, chunk.isEmpty || begun.duration(to: .now) < Self.longestLook {
                let length = min(Self.stepLength, room - chunk.count)
                try chunk.append(room: length) { memory in
                    guard try file.read(at: position, into: memory) == length else { throw SourceFileError.truncated }
                    let now = try file.currentVersion()
                    isOriginal = isOriginal && now == source.version
                    isAsBefore = now.hasSameBytes(as: before.version)
                    guard isAsBefore else { return 0 }
                    hash.update(bufferPointer: UnsafeRawBufferPointer(memory))
                    position += Int64(length)
                    return length
                }
            }
            state.change { [chunk, hash, position, isOriginal] state in
                if !chunk.isEmpty { state.ready.append(chunk) }
                (state.hash, state.position, state.isOriginal) = (hash, position, isOriginal)
            }
            if !isAsBefore { return false }
        }
        return true
    }

    /// Whether the file still has the bytes that were read, although its mtime differs, and nobody writes to it. If so,
    /// the reader goes on with the new version.
    private func hasOnlyBeenTouched() async throws -> Bool {
        let isWorthIt = state.change { state in
            state.looks -= 1
            return state.looks >= 0
        }
        guard isWorthIt, let now = try await quietVersion(), now.mayHaveSameBytes(as: source.version) else {
            return false
        }
        let again = FileReader(source, as: now)
        try await again.hash(to: state.read { $0.position })
        guard again.digest() == digest(), try await quietVersion()?.hasSameBytes(as: now) == true else {
            return false
        }
        state.change { $0.version = now }
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

    /// The digest of all bytes that were read so far. At the end of the file, this is the digest of the whole file.
    func digest() -> SHA256Digest {
        switch origin {
        case .opening(let whole): whole.digest(before: Int(offset))
        case .chunks: SHA256Digest(state.read { $0.hash })
        }
    }
}
