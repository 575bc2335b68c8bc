import Dispatch

/// Is open when all its names have been checked off. Any number of tasks may wait for it. A task that has passed is not
/// called back when the latch closes again.
package final class Latch: Sendable {
    private struct State {
        var missing: Set<String>
        /// Whether the latch is open for good. Nobody checks names off any more.
        var isOver = false
    }

    private let state: Monitor<State>

    package init(_ names: some Sequence<String>) {
        state = Monitor(State(missing: Set(names)))
    }

    /// The names that were not checked off yet.
    package var missing: Set<String> { state.read { $0.missing } }

    /// Closes the latch until this name has been checked off, too. Does nothing if the latch is open for good.
    package func expect(_ name: String) {
        state.change { state in
            if !state.isOver { state.missing.insert(name) }
        }
    }

    package func checkOff(_ name: String) {
        state.change { _ = $0.missing.remove(name) }
    }

    /// Opens the latch for good, whatever is missing. Nobody will check names off any more.
    package func open() {
        state.change { $0 = State(missing: [], isOver: true) }
    }

    /// Opens the latch for good after `grace`. Nobody has to wait for that.
    package func open(after grace: Duration) {
        let (seconds, attoseconds) = grace.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { self.open() }
    }

    /// Returns when the latch is open, or when the task is cancelled.
    package func wait() async {
        try? await state.wait { $0.missing.isEmpty }
    }

    /// Returns when the latch is open. A cancelled task stays, too.
    package func stay() async {
        await state.stay { $0.missing.isEmpty }
    }
}
