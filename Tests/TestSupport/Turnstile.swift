import Pipeline
import Threads

/// Holds up every caller until a test opens it, and tells how many have come. A cancelled caller waits no longer.
package final class Turnstile: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
    }

    private let state = Monitor(State())

    package init() {}

    /// How many came, in all.
    package var count: Int { state.read { $0.arrivals } }

    /// Returns when the turnstile is open.
    package func pass() async throws {
        state.change { $0.arrivals += 1 }
        try await state.wait { $0.isOpen }
    }

    /// Lets through the callers that wait and all that come later.
    package func open() {
        state.change { $0.isOpen = true }
    }

    /// Returns when `count` callers have come.
    package func arrivals(_ count: Int) async throws {
        try await state.wait { $0.arrivals >= count }
    }
}
