import Threads

/// How many of each kind are under way, and the most of one kind there ever were at one time.
package final class Tally<Kind: Hashable & Sendable>: Sendable {
    private struct State {
        var now: [Kind: Int64] = [:]
        var most: Int64 = 0
        var turns = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var most: Int64 { state.withLock { $0.most } }
    package var turns: Int { state.withLock { $0.turns } }
    package var isOver: Bool { state.withLock { $0.now.values.allSatisfy { $0 == 0 } } }

    package func enter(_ kind: Kind, weighing weight: Int64 = 1) {
        state.withLock { state in
            state.now[kind, default: 0] += weight
            state.most = max(state.most, state.now[kind] ?? 0)
            state.turns += 1
        }
    }

    package func leave(_ kind: Kind, weighing weight: Int64 = 1) {
        state.withLock { $0.now[kind, default: 0] -= weight }
    }
}
