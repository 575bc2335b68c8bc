import DequeModule
import Threads

/// Sends the pieces of a ticket that the storage does not have yet, and hashes the whole file on the way.
///
/// One reader goes through the file from front to back. A ticket of one piece is streamed; parts are filled by the reader
/// in order and sent side by side, as many as ``PieceMemory`` and ``atATime`` allow. One that gets no memory is streamed.
struct PieceSender {
    /// Parts of one file at a time.
    static let atATime = 3

    let file: MediaFile
    let source: UploadSource
    let provider: any Provider
    let memory: PieceMemory
    let observer: PipelineObserver
    /// Told which bytes these are, before the last of them goes; it does not go where this throws.
    let announce: @Sendable (SHA256Digest) async throws -> Void
    /// Makes an answer durable; called before the piece counts as sent. Not called for pieces that were read after the
    /// file's version had changed.
    let record: @Sendable (PieceAnswer) async throws -> Void

    /// Returns the answers to all pieces in order, and the digest of the file's bytes.
    func send(
        _ ticket: Ticket,
        known answers: [PieceAnswer]
    ) async throws -> (answers: [PieceAnswer], sha256: SHA256Digest) {
        try await memory.withShare(of: file.account, inParts: ticket.pieces.count > 1) { share in
            try await send(ticket, known: answers, with: share)
        }
    }

    private func send(
        _ ticket: Ticket,
        known answers: [PieceAnswer],
        with share: PieceShare
    ) async throws -> (answers: [PieceAnswer], sha256: SHA256Digest) {
        let reader = FileReader(source)
        let known = Dictionary(answers.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        let (fresh, failure) = await withTaskGroup(of: Result<PieceAnswer, any Error>.self) { group in
            var sent = SentPieces()
            do {
                // As they lie in the file, which the reader goes through once; they may be listed in another order.
                let pieces = ticket.pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
                for piece in pieces where sent.failure == nil {
                    if known[piece.index] != nil {
                        try await reader.skip(to: piece.range.upperBound)
                        // The storage has these bytes of the version that was opened, of no other one.
                        guard reader.isOriginal else { throw SourceFileError.changed }
                        continue
                    }
                    if sent.underWay == Self.atATime, let result = await group.next() { sent.take(result) }
                    if sent.failure != nil { break }
                    guard Self.isHeld(piece, of: ticket), share.take(piece.length) else {
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
                if sent.failure == nil { try await reader.skip(to: file.size) }
            } catch {
                sent.failure = sent.failure ?? error
            }
            // After a failure too: a part that arrives whole need not go again.
            for await result in group { sent.take(result) }
            return (sent.answers, sent.failure)
        }
        if let failure { throw failure }
        let all = (answers + fresh).sorted { $0.index < $1.index }
        return (all, await reader.digest())
    }

    /// Whether the piece is held where there is room: others may go beside it.
    private static func isHeld(_ piece: Piece, of ticket: Ticket) -> Bool {
        ticket.pieces.count > 1 && piece.length <= PieceMemory.largestHeld
    }

    private func stream(_ piece: Piece, from reader: FileReader) async throws -> PieceAnswer {
        let start = piece.range.lowerBound
        let sent = Counter(start)
        let body = ByteStream(length: piece.length) {
            guard let chunk = try await reader.next(before: piece.range.upperBound) else { return nil }
            try await announceEnd(of: reader)
            observer(.sending(file, sent: sent.add(Int64(chunk.count))))
            CrashPoint.pieceBegun.reached()
            return chunk
        }
        let answer = try await provider.send(piece, of: file, body: body)
        // A storage may answer before it has taken all; what it did not take does not count as read.
        try await reader.skip(to: piece.range.upperBound)
        try await keep(answer, isLasting: reader.isOriginal)
        return answer
    }

    /// Reads a piece into memory that was taken for it.
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

    /// Sends a piece from memory; what has gone is given back at once.
    private func sendHeld(
        _ chunks: HeldChunks,
        as piece: Piece,
        in share: PieceShare,
        isLasting: Bool
    ) async throws -> PieceAnswer {
        let body = ByteStream(length: piece.length) {
            guard let chunk = chunks.take() else { return nil }
            share.giveBack(Int64(chunk.count))
            CrashPoint.pieceBegun.reached()
            return chunk
        }
        let result = await Result { try await provider.send(piece, of: file, body: body) }
        share.giveBack(chunks.drop())
        let answer = try result.get()
        try await keep(answer, isLasting: isLasting)
        return answer
    }

    private func announceEnd(of reader: FileReader) async throws {
        if reader.offset == file.size { try await announce(reader.digest()) }
    }

    /// An answer outlasts this try only where the piece is surely of the version that the try is for: the next one puts its
    /// own pieces beside it.
    private func keep(_ answer: PieceAnswer, isLasting: Bool) async throws {
        CrashPoint.pieceAnswered.reached()
        guard isLasting else { return }
        try await record(answer)
        CrashPoint.pieceRecorded.reached()
    }
}

/// What has come of the pieces so far.
private struct SentPieces {
    var answers: [PieceAnswer] = []
    var failure: (any Error)?
    var underWay = 0

    /// What a piece that went beside others has come to.
    mutating func take(_ result: Result<PieceAnswer, any Error>) {
        underWay -= 1
        switch result {
        case .success(let answer): answers.append(answer)
        case .failure(let error): failure = failure ?? error
        }
    }
}

/// The chunks of a piece that have not gone yet; the only owner of their memory.
private final class HeldChunks: Sendable {
    private let chunks = Mutex(Deque<[UInt8]>())

    func append(_ chunk: [UInt8]) {
        chunks.withLock { $0.append(chunk) }
    }

    func take() -> [UInt8]? {
        chunks.withLock { $0.popFirst() }
    }

    /// Lets go of what is left; returns its length in bytes.
    func drop() -> Int64 {
        chunks.withLock { chunks in
            defer { chunks = [] }
            return chunks.reduce(0) { $0 + Int64($1.count) }
        }
    }
}

/// A running sum that two tasks may take turns with.
private final class Counter: Sendable {
    private let value: Mutex<Int64>

    init(_ start: Int64) {
        value = Mutex(start)
    }

    /// The sum after adding.
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
