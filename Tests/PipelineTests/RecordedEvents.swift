import Pipeline
import Threads

/// What the stages told, in order; a test waits for what it looks for.
final class RecordedEvents: Sendable {
    typealias Matching = @Sendable (PipelineEvent) -> Bool

    private let events = Monitor([PipelineEvent]())

    var observer: PipelineObserver { { event in self.events.change { $0.append(event) } } }

    var all: [PipelineEvent] { events.read { $0 } }

    /// Returns once `count` events that match were told, those before included. Throws when the task is cancelled, as
    /// by its test's time limit.
    func event(_ count: Int = 1, where matches: @escaping Matching) async throws {
        try Task.checkCancellation()
        try await events.wait { $0.count(where: matches) >= count }
    }
}
