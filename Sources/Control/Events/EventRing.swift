import Pipeline
import SystemPackage
import Threads

/// The newest events that matter to a person, for those who watch the service.
///
/// A ring of a fixed size: who reads too slowly is told `reset`, and costs no memory. Of the progress of one file, only
/// the newest event is kept.
package final class EventRing: Sendable {
    /// The place of a reader: after this event of this start of the service.
    package struct Cursor: Sendable, Equatable {
        let start: String
        let number: Int64
    }

    /// What a reader gets next.
    enum Turn: Sendable {
        /// The events' text, and the place after them.
        case events([UInt8], Cursor)
        /// Events that the reader has not had are gone.
        case reset(Cursor)
    }

    private struct Item: Sendable {
        let number: Int64
        let text: [UInt8]
        /// The file whose progress it tells.
        let progressOf: FilePath?
    }

    private struct State: Sendable {
        var items: [Item] = []
        var newest: Int64 = 0
        /// The newest event that is gone, although nothing newer says the same.
        var lost: Int64 = 0
        /// When the progress of each file was told last.
        var told: [FilePath: ContinuousClock.Instant] = [:]
    }

    private let start: String
    private let size: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Monitor(State())
    /// At most four events of a file's progress a second.
    private static let progressPause = Duration.milliseconds(250)

    /// `start` is a name of this start of the service that no other start has.
    package init(
        start: String,
        size: Int = 1000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.start = start
        self.size = size
        self.now = now
    }

    /// Notes an event of the pipeline. Does not block.
    package func observe(_ event: PipelineEvent) {
        if case .sending(let file, _) = event {
            let now = now()
            let isTooSoon = state.read { state in state.told[file.path].map { now < $0 + Self.progressPause } ?? false }
            if isTooSoon { return }
        }
        guard let told = ToldEvent(event, at: .now()) else {
            if case .tryEnded(let file, _, _) = event { state.change { $0.told[file.path] = nil } }
            return
        }
        let now = now()
        state.change { state in
            state.newest += 1
            if let path = told.progressOf {
                state.told[path] = now
                state.items.removeAll { $0.progressOf == path }
            }
            let text = told.text(id: "\(start)-\(state.newest)")
            state.items.append(Item(number: state.newest, text: text, progressOf: told.progressOf))
            guard state.items.count > size else { return }
            state.lost = state.items.removeFirst().number
        }
    }

    /// The place after all events so far.
    package var end: Cursor { Cursor(start: start, number: state.read { $0.newest }) }

    /// The place that an event's id names. Nil for a text that is no id.
    package func cursor(id: String) -> Cursor? {
        guard let dash = id.lastIndex(of: "-"), let number = Int64(id[id.index(after: dash)...]) else { return nil }
        return Cursor(start: String(id[..<dash]), number: number)
    }

    /// Waits for what comes after a place.
    ///
    /// - Throws: `CancellationError`.
    func next(after cursor: Cursor) async throws -> Turn {
        let start = start
        return try await state.value { state in
            let end = Cursor(start: start, number: state.newest)
            guard cursor.start == start, cursor.number >= state.lost, cursor.number <= state.newest else {
                return .reset(end)
            }
            guard cursor.number < state.newest else { return nil }
            let new = state.items.filter { $0.number > cursor.number }
            return .events(new.flatMap(\.text), end)
        }
    }
}
