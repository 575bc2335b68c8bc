import Pipeline
import Threads

/// What the stages told, in order; a test waits for what it looks for.
final class RecordedEvents: Sendable {
    typealias Matching = @Sendable (PipelineEvent) -> Bool

    private struct State {
        var events: [PipelineEvent] = []
        var watchers: [(matches: Matching, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var observer: PipelineObserver { { self.add($0) } }

    var all: [PipelineEvent] { state.withLock { $0.events } }

    /// Returns once `count` events that match were told, those before included.
    func event(_ count: Int = 1, where matches: @escaping Matching) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.events.count(where: matches) >= count { return true }
                state.watchers.append((matches, count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func add(_ event: PipelineEvent) {
        let met = state.withLock { state in
            state.events.append(event)
            let events = state.events
            let met = state.watchers.filter { events.count(where: $0.matches) >= $0.count }.map(\.continuation)
            state.watchers.removeAll { events.count(where: $0.matches) >= $0.count }
            return met
        }
        for continuation in met { continuation.resume() }
    }
}
