import Threads

/// An account's requests under way: at most as many as its concurrency, in order of arrival.
///
/// A short file has a place during each of its requests. Any other file has one until its try ends.
final class Wire: Sendable {
    /// Nothing was begun for a file, because all files of the account wait, or this one.
    struct Closed: Error {}

    private struct State {
        var free: Int
        var isClosed = false
    }

    private let state: Monitor<State>
    /// Apart from the state: each change of that looks at all who wait.
    private let line = Mutex(0)
    /// Whether something may be begun for a file.
    private let admits: @Sendable (MediaFile) -> Bool

    init(places: Int, admits: @escaping @Sendable (MediaFile) -> Bool = { _ in true }) {
        state = Monitor(State(free: places))
        self.admits = admits
    }

    /// How many wait for a place.
    var inLine: Int { line.withLock { $0 } }

    /// Runs `work` at a free place.
    ///
    /// `beginning`: a file for which `work` begins something. While the account is closed, or the file is not admitted,
    /// such work is not begun.
    ///
    /// - Throws: The errors of `work`, ``Closed``, or `CancellationError` if the task is cancelled before.
    func pass<Value>(beginning file: MediaFile? = nil, _ work: () async throws -> Value) async throws -> Value {
        try await takePlace(unlessClosed: file != nil)
        defer { state.change { $0.free += 1 } }
        if let file, !admits(file) { throw Closed() }
        return try await work()
    }

    private func takePlace(unlessClosed: Bool) async throws {
        line.withLock { $0 += 1 }
        defer { line.withLock { $0 -= 1 } }
        try await state.value { state -> Result<Void, any Error>? in
            if unlessClosed, state.isClosed { return .failure(Closed()) }
            guard state.free > 0 else { return nil }
            state.free -= 1
            return .success(())
        }.get()
    }

    /// Closes the account, because all its files wait, or opens it.
    func setClosed(_ isClosed: Bool) {
        state.change { $0.isClosed = isClosed }
    }
}
