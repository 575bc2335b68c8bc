import Pipeline
import Threads

/// What the stages told, in order; a test waits for what it looks for.
final class RecordedEvents: Sendable {
    typealias Matching = @Sendable (PipelineEvent) -> Bool

    private struct State {
        var events: [PipelineEvent] = []
        var watchers: [(matches: Matching, count: Int, answer: Answer<Void>)] = []
    }

    private let state = Mutex(State())

    var observer: PipelineObserver { { self.add($0) } }

    var all: [PipelineEvent] { state.withLock { $0.events } }

    /// Returns once `count` events that match were told, those before included. Throws when the task is cancelled, as
    /// by its test's time limit.
    func event(_ count: Int = 1, where matches: @escaping Matching) async throws {
        try Task.checkCancellation()
        let answer = Answer<Void>()
        state.withLock { state in
            if state.events.count(where: matches) >= count {
                answer.give(.success(()))
            } else {
                state.watchers.append((matches, count, answer))
            }
        }
        try await answer.value()
    }

    private func add(_ event: PipelineEvent) {
        state.withLock { state in
            state.events.append(event)
            let events = state.events
            state.watchers.removeAll { watcher in
                let isMet = events.count(where: watcher.matches) >= watcher.count
                if isMet { watcher.answer.give(.success(())) }
                return isMet
            }
        }
    }
}
