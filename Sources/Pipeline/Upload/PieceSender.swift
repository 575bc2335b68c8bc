import DequeModule
import Threads

/// Sends the pieces of a ticket that the storage lacks, and hashes the whole file on the way.
///
/// One reader goes through the file from front to back. A ticket of one piece is streamed. Several pieces are read in
/// order and sent side by side, as many as ``PieceMemory`` and ``atATime`` allow. A piece that gets no memory is
/// streamed.
struct PieceSender {
    /// Pieces of one file under way at a time.
    static let atATime = 3

    let file: MediaFile
    let source: UploadSource
    let memory: PieceMemory
    let observer: PipelineObserver
    /// Sends the bytes of one piece to the storage.
    let put: @Sendable (Piece, ByteStream) async throws -> PieceAnswer
    /// Called with the digest of the file's bytes before the last of them goes. If it throws, the last bytes do not go.
    let announce: @Sendable (SHA256Digest) async throws -> Void
    /// Takes an answer before its piece counts as sent. Not called for pieces read after the file's version changed.
    let record: @Sendable (PieceAnswer) async throws -> Void

    /// Returns the answers to all pieces in order, and the digest of the file's bytes.
    func send(
        _ ticket: Ticket,
        known answers: [PieceAnswer]
    ) async throws -> (answers: [PieceAnswer], sha256: SHA256Digest) {
        let reader = FileReader(source)
        return try await memory.withShare(of: file.account, inParts: ticket.pieces.count > 1) { share in
            try await reader.ahead { try await send(ticket, known: answers, from: reader, with: share) }
        }
    }

    private func send(
        _ ticket: Ticket,
        known answers: [PieceAnswer],
        from reader: FileReader,
        with share: PieceShare
    ) async throws -> (answers: [PieceAnswer], sha256: SHA256Digest) {
        let known = Dictionary(answers.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        let (fresh, failure) = await withTaskGroup(of: Result<PieceAnswer, any Error>.self) { group in
            var sent = SentPieces()
            do {
                // In file order, because the reader goes through the file once. A ticket may list its pieces in another
                // order.
                let pieces = ticket.pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
                for piece in pieces where sent.failure == nil {
                    if known[piece.index] != nil {
                        try await reader.hash(to: piece.range.upperBound)
                        // The storage has these bytes of the version that was opened, and of no other version.
                        guard reader.isOriginal else { throw SourceFileError.changed }
                        continue
                    }
                    if sent.underWay == Self.atATime, let result = await group.next() { sent.collect(result) }
                    if sent.failure != nil { break }
                    guard Self.isHeld(piece, of: ticket), share.reserve(piece.length) else {
                        sent.answers.append(try await stream(piece, from: reader))
                        continue
                    }
                    let chunks = try await hold(piece, from: reader, in: share)
                    let isLasting = reader.isOriginal
                    group.addTask {
                        await Result { try await sendHeld(chunks, as: piece, in: share, isLasting: isLasting) }
                    }
                    sent.underWay += 1
                }
                if sent.failure == nil { try await reader.hash(to: file.size) }
            } catch {
                sent.failure = sent.failure ?? error
            }
            // Wait after a failure, too: a piece that arrives whole need not go again.
            for await result in group { sent.collect(result) }
            return (sent.answers, sent.failure)
        }
        if let failure { throw failure }
        let all = (answers + fresh).sorted { $0.index < $1.index }
        return (all, reader.digest())
    }

    /// Whether the piece is held in memory if there is room, so that other pieces go beside it.
    private static func isHeld(_ piece: Piece, of ticket: Ticket) -> Bool {
        ticket.pieces.count > 1 && piece.length <= PieceMemory.largestHeld
    }

    private func stream(_ piece: Piece, from reader: FileReader) async throws -> PieceAnswer {
        let start = piece.range.lowerBound
        let sent = Counter(start)
        let body = ByteStream(length: piece.length, isReady: source.whole != nil) {
            guard let chunk = try await reader.next(before: piece.range.upperBound) else { return nil }
            try await announceEnd(of: reader)
            observer(.sending(file, sent: sent.add(Int64(chunk.count))))
            CrashPoint.pieceBegun.reached()
            return chunk
        }
        let answer = try await put(piece, body)
        // A storage may answer before it has taken the whole piece. The reader hashes the rest here.
        try await reader.hash(to: piece.range.upperBound)
        try await keep(answer, isLasting: reader.isOriginal)
        return answer
    }

    /// Reads a piece into the memory taken for it.
    private func hold(_ piece: Piece, from reader: FileReader, in share: PieceShare) async throws -> HeldChunks {
        do {
            let chunks = HeldChunks()
            while let chunk = try await reader.next(before: piece.range.upperBound) { chunks.append(chunk) }
            try await announceEnd(of: reader)
            observer(.sending(file, sent: piece.range.upperBound))
            return chunks
        } catch {
            share.giveBack(piece.length)
            throw error
        }
    }

    /// Sends a piece from memory. The memory of each chunk is given back as soon as it goes.
    private func sendHeld(
        _ chunks: HeldChunks,
        as piece: Piece,
        in share: PieceShare,
        isLasting: Bool
    ) async throws -> PieceAnswer {
        let body = ByteStream(length: piece.length) {
            guard let chunk = chunks.next() else { return nil }
            share.giveBack(Int64(chunk.count))
            CrashPoint.pieceBegun.reached()
            return chunk
        }
        let result = await Result { try await put(piece, body) }
        share.giveBack(chunks.drop())
        let answer = try result.get()
        try await keep(answer, isLasting: isLasting)
        return answer
    }

    private func announceEnd(of reader: FileReader) async throws {
        if reader.offset == file.size { try await announce(reader.digest()) }
    }

    /// Records an answer, if the piece is surely of the version that this try is for.
    ///
    /// The next try puts its own pieces beside recorded ones.
    private func keep(_ answer: PieceAnswer, isLasting: Bool) async throws {
        CrashPoint.pieceAnswered.reached()
        guard isLasting else { return }
        try await record(answer)
    }
}

/// The results of the pieces so far.
private struct SentPieces {
    var answers: [PieceAnswer] = []
    var failure: (any Error)?
    var underWay = 0

    /// Takes the result of a piece that went beside others.
    mutating func collect(_ result: Result<PieceAnswer, any Error>) {
        underWay -= 1
        switch result {
        case .success(let answer): answers.append(answer)
        case .failure(let error): failure = failure ?? error
        }
    }
}

/// The chunks of a piece that have not gone yet. The only owner of their memory.
private final class HeldChunks: Sendable {
    private let chunks = Mutex(Deque<Chunk>())

    func append(_ chunk: Chunk) {
        chunks.withLock { $0.append(chunk) }
    }

    func next() -> Chunk? {
        chunks.withLock { $0.popFirst() }
    }

    /// Drops the remaining chunks. Returns their length in bytes.
    func drop() -> Int64 {
        chunks.withLock { chunks in
            defer { chunks = [] }
            return chunks.reduce(0) { $0 + Int64($1.count) }
        }
    }
}

/// A running sum for two tasks that add in turn.
private final class Counter: Sendable {
    private let value: Mutex<Int64>

    init(_ start: Int64) {
        value = Mutex(start)
    }

    /// Returns the sum after adding.
    func add(_ amount: Int64) -> Int64 {
        value.withLock {
            $0 += amount
            return $0
        }
    }
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate init(_ work: () async throws -> Success) async {
        do {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
