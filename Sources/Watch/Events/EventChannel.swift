import DequeModule
import Dispatch
import Threads

/// Batches of events on their way from threads that block to one task that awaits.
///
/// Holds `bound` batches; then a sender waits. So a slow consumer slows the scans, and memory does not grow.
package final class EventChannel: AsyncSequence, Sendable {
    package typealias Element = [WatchEvent]

    private enum Consumer {
        case none
        case waiting(CheckedContinuation<[WatchEvent]?, Never>)
    }

    private struct State {
        var batches: Deque<[WatchEvent]> = []
        var consumer = Consumer.none
        var finished = false
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)

    init(bound: Int) {
        // Not as the initial value: Dispatch traps when a semaphore goes away below its initial value.
        for _ in 0..<bound { room.signal() }
    }

    /// Hands over a batch. Blocks the thread while there is no room. Returns false if the channel has ended.
    func send(_ batch: [WatchEvent]) -> Bool {
        room.wait()
        let (accepted, consumer) = state.withLock { state -> (Bool, Consumer) in
            if state.finished { return (false, .none) }
            defer { state.consumer = .none }
            if case .none = state.consumer { state.batches.append(batch) }
            return (true, state.consumer)
        }
        if !accepted { room.signal() }
        if case .waiting(let continuation) = consumer {
            room.signal()
            continuation.resume(returning: batch)
        }
        return accepted
    }

    /// Ends the channel. The consumer still gets the batches that are there. Waiting senders return false.
    func finish() {
        let consumer = state.withLock { state in
            state.finished = true
            defer { state.consumer = .none }
            return state.consumer
        }
        if case .waiting(let continuation) = consumer { continuation.resume(returning: nil) }
        room.signal()
    }

    /// The batches, for the one consumer.
    package func makeAsyncIterator() -> Iterator {
        Iterator(channel: self)
    }

    /// Reads the channel. Ends with the channel, or when its task is cancelled.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let channel: EventChannel

        /// The next batch. Nil at the end.
        package mutating func next() async -> [WatchEvent]? {
            await channel.next()
        }
    }

    private func next() async -> [WatchEvent]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let batch = state.withLock { state -> [WatchEvent]?? in
                    if let batch = state.batches.popFirst() { return batch }
                    if state.finished || Task.isCancelled { return .some(nil) }
                    state.consumer = .waiting(continuation)
                    return nil
                }
                guard let batch else { return }
                if batch != nil { room.signal() }
                continuation.resume(returning: batch)
            }
        } onCancel: {
            let consumer = state.withLock { state in
                defer { state.consumer = .none }
                return state.consumer
            }
            if case .waiting(let continuation) = consumer { continuation.resume(returning: nil) }
        }
    }
}
