import Threads
import Watch

/// The loops of all folders and accounts, each known by its post. A loop begins and ends while the others go on.
final class Crew: Sendable {
    /// The folder, account or hook of a loop.
    enum Post: Hashable {
        case folder(String)
        case account(String)
        case hook(String)
        /// The departures of folders that nobody watches any more.
        case leftFolders
    }

    private final class Member: Sendable {
        let work: @Sendable () async throws -> Void
        let relief = Doorbell()
        let end = Latch(["end"])

        init(_ work: @escaping @Sendable () async throws -> Void) {
            self.work = work
        }

        /// Works until ``end(_:)`` relieves this member, or the task is cancelled. Throws the errors of the work.
        func run() async throws {
            defer { end.open() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.work() }
                group.addTask { await self.relief.wait() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private struct State {
        var members: [Post: Member] = [:]
        /// The members whose work is still to begin.
        var arrivals: [Member] = []
        var isOver = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let bell = Doorbell()

    /// Begins work at a free post. The work starts in ``run()``, now or later.
    ///
    /// The work ends when its task is cancelled. An error of one work ends all.
    func begin(_ post: Post, _ work: @escaping @Sendable () async throws -> Void) {
        state.withLock { state in
            guard !state.isOver else { return }
            let member = Member(work)
            state.members[post] = member
            state.arrivals.append(member)
        }
        bell.ring()
    }

    /// Cancels the work at a post and waits for its end. Returns early if the caller's task is cancelled.
    func end(_ post: Post) async {
        guard let member = state.withLock({ $0.members.removeValue(forKey: post) }) else { return }
        member.relief.ring()
        await member.end.wait()
    }

    /// Runs all work until the task is cancelled. Throws the first error of any work.
    func run() async throws {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled, state.withLock({ $0.failure == nil }) {
                let arrivals = state.withLock { state in
                    defer { state.arrivals = [] }
                    return state.arrivals
                }
                for member in arrivals { group.addTask { await self.work(member) } }
                await bell.wait()
            }
            group.cancelAll()
        }
        let (left, failure) = state.withLock { state in
            state.isOver = true
            state.members = [:]
            defer { state.arrivals = [] }
            return (state.arrivals, state.failure)
        }
        for member in left { member.end.open() }
        if let failure { throw failure }
    }

    private func work(_ member: Member) async {
        do {
            try await member.run()
        } catch is CancellationError {
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            bell.ring()
        }
    }
}
