import Threads
import Watch

/// Loops that begin and end one by one while the others go on, each known by its post.
final class Crew: Sendable {
    /// What a loop works for.
    enum Post: Hashable {
        case folder(String)
        case account(String)
        /// What is left of folders that are not watched any more.
        case leftFolders
    }

    private final class Member: Sendable {
        let work: @Sendable () async throws -> Void
        let relief = Doorbell()
        let end = Latch(["end"])

        init(_ work: @escaping @Sendable () async throws -> Void) {
            self.work = work
        }

        /// Works until it is relieved, or the task is cancelled. Throws what the work throws.
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
        /// Those that are still to begin.
        var arrivals: [Member] = []
        var isOver = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let bell = Doorbell()

    /// Begins work at a post that is free, or will when ``run()`` does. It ends when its task is cancelled; what it throws
    /// ends all.
    func begin(_ post: Post, _ work: @escaping @Sendable () async throws -> Void) {
        state.withLock { state in
            guard !state.isOver else { return }
            let member = Member(work)
            state.members[post] = member
            state.arrivals.append(member)
        }
        bell.ring()
    }

    /// Cancels the work at a post, and returns when it has ended, or when the task is cancelled.
    func end(_ post: Post) async {
        guard let member = state.withLock({ $0.members.removeValue(forKey: post) }) else { return }
        member.relief.ring()
        await member.end.wait()
    }

    /// Lets all work until the task is cancelled. Throws what one of them throws.
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
