import NIOCore
import Pipeline
import Threads

/// Carries a body, chunk by chunk, from the task that calls `send` to the task that async-http-client writes from.
///
/// The client reads a body from its own task. That task outlives the call when the answer comes early. With the pump,
/// only the caller's own task reads the file. So nothing reads the file after the call has returned.
final class BodyPump: Sendable {
    private struct State {
        /// What the client has not taken yet of a chunk. Nil if that is nothing.
        var rest: Chunk?
        /// How many parts in a row the client took soon after the one before.
        var quickParts = 0
        /// How many bytes the client has taken.
        var taken: Int64 = 0
        /// Nil while chunks come. Success after the last chunk.
        var end: Result<Void, any Error>?

        /// The next part of the chunk, or the end. Nil if neither is there.
        mutating func takePart() -> Result<ByteBuffer?, any Error>? {
            if let end { return end.map { nil } }
            guard let chunk = rest else { return nil }
            let isFast = quickParts >= BodyPump.proof
            let part = chunk.part(from: 0, most: isFast ? chunk.count : BodyPump.partLength)
            rest = part.count < chunk.count ? chunk.part(from: part.count, most: chunk.count) : nil
            taken += Int64(part.count)
            return .success(part.buffer)
        }
    }

    private let state = Monitor(State())
    private let loop: any EventLoop
    private let progress: @Sendable () -> Duration

    /// `loop` is the client's event loop. `progress` runs for each part that the client takes. It returns the time
    /// since the last one.
    init(for loop: any EventLoop, progress: @escaping @Sendable () -> Duration) {
        self.loop = loop
        self.progress = progress
    }

    /// 256 KiB. On a slow line, a chunk goes to the client in parts of this length, each of which is progress.
    static let partLength = 256 << 10
    /// 2.5 MB/s or more. On such a line, a whole chunk is soon gone. Its parts would only cost CPU time.
    private static let fast = Duration.milliseconds(100)
    /// So many quick parts in a row show a fast line. On any line the client takes two at once: one as soon as the
    /// socket takes bytes again, and one that it holds until then.
    private static let proof = 3

    /// The number of bytes that the client has taken.
    var taken: Int64 { state.read { $0.taken } }

    /// Carries all of `body`. Also returns when the exchange has ended early.
    ///
    /// An unreadable body, or one of a wrong length, ends the exchange with ``BodyFailure``.
    func carry(_ body: ByteStream) async {
        do {
            for try await chunk in body where !chunk.isEmpty {
                guard taken + Int64(chunk.count) <= body.length else {
                    return end(BodyFailure.tooLong(body))
                }
                guard (try? await offer(chunk)) != nil else { return }
            }
            let taken = taken
            end(taken == body.length ? nil : BodyFailure.cutShort(body, after: taken))
        } catch is CancellationError {
            end(CancellationError())
        } catch {
            end(BodyFailure(reason: "\(error)"))
        }
    }

    /// Ends the body for both sides; only the first end counts. Nil is the end after the last chunk.
    func end(_ error: (any Error)?) {
        state.change { state in
            state.end = state.end ?? error.map { .failure($0) } ?? .success(())
        }
    }

    /// The next part, for the client. Waits first until the client's event loop has written the part before.
    ///
    /// The client hands chunks to its loop without waiting for it. It asks for more until the loop pauses it (seen in
    /// 1.37, `Transaction.writeRequestBodyPart`). A loop without CPU for some milliseconds would collect dozens of
    /// chunks. They would fill memory and count as progress.
    func next() async throws -> ByteBuffer? {
        try await loop.submit {}.get()
        let part = try await state.outcome { $0.takePart() }
        if part != nil {
            let isQuick = progress() < Self.fast
            state.change { $0.quickParts = isQuick ? $0.quickParts + 1 : 0 }
        }
        return part
    }

    /// Waits until the client has taken the chunk. Throws if the exchange has ended.
    private func offer(_ chunk: Chunk) async throws {
        try await withTaskCancellationHandler {
            state.change { $0.rest = chunk }
            try await state.outcome { state -> Result<Void, any Error>? in
                if state.rest == nil { return .success(()) }
                return state.end.map { $0.flatMap { .failure(CancellationError()) } }
            }
        } onCancel: {
            end(CancellationError())
        }
    }
}

/// The sequence that the client reads.
extension BodyPump: AsyncSequence {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let pump: BodyPump

        mutating func next() async throws -> ByteBuffer? { try await pump.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pump: self) }
}

extension ByteStream {
    /// All bytes at once. For a short body.
    ///
    /// - Throws: ``BodyFailure`` or `CancellationError`.
    func whole() async throws -> ByteBuffer {
        var all = ByteBuffer()
        do {
            for try await chunk in self where !chunk.isEmpty {
                guard Int64(all.readableBytes + chunk.count) <= length else { throw BodyFailure.tooLong(self) }
                if all.readableBytes == 0 { all = chunk.buffer } else { all.writeImmutableBuffer(chunk.buffer) }
            }
        } catch let error as BodyFailure {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw BodyFailure(reason: "\(error)")
        }
        guard all.readableBytes == length else { throw BodyFailure.cutShort(self, after: Int64(all.readableBytes)) }
        return all
    }
}

/// The body could not be read, or had another length than declared.
struct BodyFailure: Error {
    let reason: String

    static func tooLong(_ body: ByteStream) -> BodyFailure {
        BodyFailure(reason: "the body has more than its \(body.length) bytes")
    }

    static func cutShort(_ body: ByteStream, after taken: Int64) -> BodyFailure {
        BodyFailure(reason: "the body ended after \(taken) of \(body.length) bytes")
    }
}
