import DequeModule
import Dispatch
import Threads

/// Batches of events on their way from threads that block to one task that awaits.
///
/// Holds `bound` batches; then a sender waits. So a slow consumer slows the scans, and memory does not grow.
package final class EventChannel: AsyncSequence, Sendable {
    package typealias Element = [WatchEvent]

    private struct State {
        var batches: Deque<[WatchEvent]> = []
        var finished = false
    }

    private let state = Monitor(State())
    private let room = DispatchSemaphore(value: 0)

    init(bound: Int) {
        // Not as the initial value: Dispatch traps when a semaphore goes away below its initial value.
        for _ in 0..<bound { room.signal() }
    }

    /// Hands over a batch. Blocks the thread while there is no room. Returns false if the channel has ended.
    func send(_ batch: [WatchEvent]) -> Bool {
        room.wait()
        let accepted = state.change { state in
            if !state.finished { state.batches.append(batch) }
            return !state.finished
        }
        if !accepted { room.signal() }
        return accepted
    }

    /// Ends the channel. The consumer still gets the batches that are there. Waiting senders return false.
    func finish() {
        state.change { $0.finished = true }
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
        let batch = try? await state.value { state -> [WatchEvent]?? in
            if let batch = state.batches.popFirst() { return batch }
            return state.finished ? .some(nil) : nil
        }
        if batch != nil { room.signal() }
        return batch
    }
}
