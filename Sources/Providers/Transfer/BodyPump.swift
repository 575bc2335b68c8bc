import NIOCore
import Pipeline
import Threads

/// Carries a body, chunk by chunk, from the task that calls `send` to the task that async-http-client writes from.
///
/// The client reads a body from its own task. That task outlives the call when the answer comes early. With the pump,
/// only the caller's own task reads the file. So nothing reads the file after the call has returned.
final class BodyPump: Sendable {
    private struct State {
        /// A chunk that waits for the client.
        var chunk: ByteBuffer?
        /// How many bytes the client has taken.
        var taken: Int64 = 0
        /// Nil while chunks come. Success after the last chunk.
        var end: Result<Void, any Error>?
    }

    private let state = Monitor(State())
    private let loop: any EventLoop
    private let progress: @Sendable () -> Void

    /// `loop` is the client's event loop. `progress` runs for each chunk that the client takes.
    init(for loop: any EventLoop, progress: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.progress = progress
    }

    /// The number of bytes that the client has taken.
    var taken: Int64 { state.read { $0.taken } }

    /// Carries all of `body`. Also returns when the exchange has ended early.
    ///
    /// An unreadable body, or one of a wrong length, ends the exchange with ``BodyFailure``.
    func carry(_ body: ByteStream) async {
        do {
            for try await chunk in body where !chunk.isEmpty {
                guard taken + Int64(chunk.count) <= body.length else {
                    return end(BodyFailure(reason: "the body has more than its \(body.length) bytes"))
                }
                guard (try? await offer(ByteBuffer(bytes: chunk))) != nil else { return }
                progress()
            }
            let taken = taken
            end(
                taken == body.length
                    ? nil : BodyFailure(reason: "the body ended after \(taken) of \(body.length) bytes")
            )
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

    /// The next chunk, for the client. Waits first until the client's event loop has written the chunk before.
    ///
    /// The client hands chunks to its loop without waiting for it. It asks for more until the loop pauses it (seen in
    /// 1.37, `Transaction.writeRequestBodyPart`). A loop without CPU for some milliseconds would collect dozens of
    /// chunks. They would fill memory and count as progress.
    func next() async throws -> ByteBuffer? {
        try await loop.submit {}.get()
        return try await state.outcome { state -> Result<ByteBuffer?, any Error>? in
            if let end = state.end { return end.map { nil } }
            guard let chunk = state.chunk else { return nil }
            state.chunk = nil
            state.taken += Int64(chunk.readableBytes)
            return .success(chunk)
        }
    }

    /// Waits until the client has taken the chunk. Throws if the exchange has ended.
    private func offer(_ chunk: ByteBuffer) async throws {
        try await withTaskCancellationHandler {
            state.change { $0.chunk = chunk }
            try await state.outcome { state -> Result<Void, any Error>? in
                if state.chunk == nil { return .success(()) }
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

/// The body could not be read, or had another length than declared.
struct BodyFailure: Error {
    let reason: String
}
