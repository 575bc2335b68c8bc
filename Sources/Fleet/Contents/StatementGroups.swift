import Threads

/// Joins requests that come side by side into one run of statements: as many as came while the last run was under way.
///
/// So one round trip to the database serves many files, and a lone file waits for no other.
final class StatementGroups<Request: Sendable, Reply: Sendable>: Sendable {
    /// At most so many requests share a run.
    private static var most: Int { 256 }

    private struct Waiting: Sendable {
        let request: Request
        let promise: Promise<Reply>
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        /// Whether nobody answers any more.
        var isOver = false
    }

    private let state = Mutex(State())
    private let bell = Doorbell()

    /// Returns the reply to a request. Before ``run(_:abandoned:)``, requests wait for it.
    ///
    /// - Throws: what `work` of ``run(_:abandoned:)`` throws; `CancellationError`, also after the end of the run.
    func reply(to request: Request) async throws -> Reply {
        let promise = Promise<Reply>()
        let isOver = state.withLock { state in
            if !state.isOver { state.waiting.append(Waiting(request: request, promise: promise)) }
            return state.isOver
        }
        if isOver { throw CancellationError() }
        bell.ring()
        return try await promise.value()
    }

    /// Works until the task is cancelled. `work` gives a reply to each request, in order. Its error goes to all of
    /// them. From the end on, requests are refused by a cancellation.
    ///
    /// `abandoned` gets the replies to requests whose callers were cancelled meanwhile.
    func run(
        _ work: ([Request]) async throws -> [Reply],
        abandoned: (Request, Reply) -> Void = { _, _ in }
    ) async {
        while !Task.isCancelled {
            let group = state.withLock { state in
                let group = state.waiting.prefix(Self.most)
                state.waiting.removeFirst(group.count)
                return Array(group)
            }
            if group.isEmpty {
                await bell.wait()
                continue
            }
            do {
                let replies = try await work(group.map(\.request))
                for (member, reply) in zip(group, replies) {
                    member.promise.give(.success(reply))
                    if case .failure = member.promise.given { abandoned(member.request, reply) }
                }
                for member in group.dropFirst(replies.count) { member.promise.give(.failure(CancellationError())) }
            } catch {
                for member in group { member.promise.give(.failure(error)) }
            }
        }
        let rest = state.withLock { state in
            defer { state.waiting = [] }
            state.isOver = true
            return state.waiting
        }
        for member in rest { member.promise.give(.failure(CancellationError())) }
    }
}
