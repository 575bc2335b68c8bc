import Threads

/// An account's requests under way: at most as many as its concurrency, in order of arrival.
///
/// A short file has a place during each of its requests. Any other file has one until its try ends.
final class Wire: Sendable {
    /// A call was not begun, because all files of the account wait.
    struct Closed: Error {}

    private struct State {
        var free: Int
        var isClosed = false
    }

    private let state: Monitor<State>

    init(places: Int) {
        state = Monitor(State(free: places))
    }

    /// Runs `work` at a free place.
    ///
    /// - Throws: The errors of `work`, or `CancellationError` if the task is cancelled before.
    func pass<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await state.wait { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
        defer { state.change { $0.free += 1 } }
        return try await work()
    }

    /// Closes or opens the account to calls that ``check()`` asks for.
    func setClosed(_ isClosed: Bool) {
        state.change { $0.isClosed = isClosed }
    }

    /// Throws ``Closed`` while all files of the account wait.
    func check() throws {
        if state.read({ $0.isClosed }) { throw Closed() }
    }
}
