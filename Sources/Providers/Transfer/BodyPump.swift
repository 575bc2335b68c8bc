import NIOCore
import Pipeline
import Threads

/// Carries a body, chunk by chunk, from the task that calls `send` to the task that async-http-client writes from.
///
/// The client reads a body from its own task. That task outlives the call when the answer comes early. With the pump,
/// only the caller's own task reads the file. So nothing reads the file after the call has returned.
final class BodyPump: Sendable {
    private enum State {
        case idle
        /// The client waits for a chunk.
        case wanted(CheckedContinuation<ByteBuffer?, any Error>)
        /// A chunk waits for the client.
        case offered(ByteBuffer, CheckedContinuation<Void, any Error>)
        /// Nil after the last chunk.
        case ended((any Error)?)
    }

    private let state = Mutex((step: State.idle, taken: Int64(0)))
    private let loop: any EventLoop
    private let progress: @Sendable () -> Void

    /// `loop` is the client's event loop. `progress` runs for each chunk that the client takes.
    init(for loop: any EventLoop, progress: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.progress = progress
    }

    /// The number of bytes that the client has taken.
    var taken: Int64 { state.withLock { $0.taken } }

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
        let left = state.withLock { state in
            defer { if case .ended = state.step {} else { state.step = .ended(error) } }
            return state.step
        }
        switch left {
        case .wanted(let client): error.map(client.resume(throwing:)) ?? client.resume(returning: nil)
        case .offered(_, let reader): reader.resume(throwing: error ?? CancellationError())
        case .idle, .ended: break
        }
    }

    /// The next chunk, for the client. Waits first until the client's event loop has written the chunk before.
    ///
    /// The client hands chunks to its loop without waiting for it. It asks for more until the loop pauses it (seen in
    /// 1.37, `Transaction.writeRequestBodyPart`). A loop without CPU for some milliseconds would collect dozens of
    /// chunks. They would fill memory and count as progress.
    func next() async throws -> ByteBuffer? {
        try await loop.submit {}.get()
        return try await withCheckedThrowingContinuation { continuation in
            let reader = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                switch state.step {
                case .idle, .wanted:
                    state.step = .wanted(continuation)
                    return nil
                case .offered(let chunk, let reader):
                    state.step = .idle
                    state.taken += Int64(chunk.readableBytes)
                    continuation.resume(returning: chunk)
                    return reader
                case .ended(let error):
                    error.map(continuation.resume(throwing:)) ?? continuation.resume(returning: nil)
                    return nil
                }
            }
            reader?.resume()
        }
    }

    /// Waits until the client has taken the chunk. Throws if the exchange has ended.
    private func offer(_ chunk: ByteBuffer) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    switch state.step {
                    case .idle, .offered:
                        state.step = .offered(chunk, continuation)
                    case .wanted(let client):
                        state.step = .idle
                        state.taken += Int64(chunk.readableBytes)
                        client.resume(returning: chunk)
                        continuation.resume()
                    case .ended(let error):
                        continuation.resume(throwing: error ?? CancellationError())
                    }
                }
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
