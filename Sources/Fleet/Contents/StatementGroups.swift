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

    private let waiting = Mutex<[Waiting]>([])
    private let bell = Doorbell()

    /// Returns the reply to a request.
    ///
    /// - Throws: what `work` of ``run(_:)`` throws; `CancellationError`.
    func reply(to request: Request) async throws -> Reply {
        let promise = Promise<Reply>()
        waiting.withLock { $0.append(Waiting(request: request, promise: promise)) }
        bell.ring()
        return try await promise.value()
    }

    /// Works until the task is cancelled. `work` gives a reply to each request, in order. Its error goes to all of
    /// them. After the end, requests are refused by a cancellation.
    ///
    /// `abandoned` gets the replies to requests whose callers were cancelled meanwhile.
    func run(
        _ work: ([Request]) async throws -> [Reply],
        abandoned: (Request, Reply) -> Void = { _, _ in }
    ) async {
        while !Task.isCancelled {
            let group = waiting.withLock { waiting in
                let group = waiting.prefix(Self.most)
                waiting.removeFirst(group.count)
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
        for member in waiting.withLock({ $0 }) { member.promise.give(.failure(CancellationError())) }
    }
}
