import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline
@testable import Watch

/// Events that the ledger has recorded, and the calls of hooks that come of them.
@Suite(.timeLimit(.minutes(5))) struct HookDeliveriesTests {
    private let ledger: SQLiteLedger
    private let events = RecordedEvents()
    private let deliveries: HookDeliveries<ContinuousClock>

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
        let clock = ContinuousClock()
        let bookkeeping = Bookkeeping(clock: clock, observer: events.observer)
        deliveries = HookDeliveries(book: ledger, bookkeeping: bookkeeping, clock: clock, observer: events.observer)
    }

    /// Rejects a file for a new reason: one event for `on_rejected`.
    private func reject(_ path: FilePath, _ reason: String = "no", folder: String = "inbox") async throws {
        let version = FileVersion(device: 1, inode: 1, size: 1, modified: 1, changed: 1)
        let file = FoundFile(folder: folder, path: path, version: version)
        try await ledger.reject(file, Rejection(.tooLarge, reason), at: .now())
        deliveries.wake()
    }

    /// Calls the hooks while `body` works.
    private func running(_ plans: HookPlan..., body: () async throws -> Void) async throws {
        try await deliveries.adopt(plans)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for plan in plans {
                deliveries.begin(plan)
                group.addTask { await self.deliveries.run(plan) }
            }
            group.addTask { await self.deliveries.recordBlocks() }
            try await body()
            group.cancelAll()
        }
        for plan in plans { deliveries.end(plan.name) }
    }

    private func rest() async throws {
        try await untilSo { try await !deliveries.isBusy }
    }

    @Test func `a hook gets each event it wants, and no other`() async throws {
        let (all, inbox, other) = (ScriptedHook(), ScriptedHook(), ScriptedHook())
        try await running(
            .scripted(all, name: "all", trigger: .rejected),
            .scripted(inbox, name: "inbox", trigger: .rejected, folder: "inbox"),
            .scripted(other, name: "other", trigger: .uploaded)
        ) {
            try await reject("/in/a")
            try await reject("/reels/b", folder: "reels")
            try await all.waitForCalls(2)
            try await inbox.waitForCalls(1)
            try await rest()
        }

        #expect(Set(all.all.map(\.path)) == ["/in/a", "/reels/b"])
        #expect(inbox.all.map(\.path) == ["/in/a"])
        #expect(other.all.isEmpty)
    }

    /// A disk that hangs must not gather processes.
    @Test func `a process that cannot be ended holds its place until it ends, and no pass waits for it`() async throws {
        let left = LeftProcess()
        let hook = ScriptedHook { event in
            event.path == "/in/a" ? .failedLeaving(HookFailure("it hangs"), left) : .delivered
        }
        try await running(.scripted(hook, trigger: .rejected, concurrency: 1)) {
            try await reject("/in/a")
            try await hook.waitForCalls(1)
            try await rest()
            try await reject("/in/b")
            try await untilSo { try await ledger.countEvents(of: "post") == 2 }
            for _ in 0..<100 { await Task.yield() }
            #expect(hook.all.map(\.path) == ["/in/a"])
            #expect(try await !deliveries.isBusy)

            left.end()

            try await untilSo { hook.all.contains { $0.path == "/in/b" } }
        }
    }

    @Test func `a failed event is tried again with the same body, and later ones of its file wait behind it`()
        async throws
    {
        let hook = ScriptedHook { $0.attempts < 2 ? .failed(HookFailure("not yet")) : .delivered }
        try await running(.scripted(hook, trigger: .rejected)) {
            try await reject("/in/a", "one")
            try await reject("/in/a", "two")
            try await reject("/in/a", "three")
            try await hook.waitForCalls(9)
            try await untilSo { try await ledger.countEvents(of: "post") == 0 }
        }

        let calls = hook.all
        #expect(calls.map(\.id) == calls.map(\.id).sorted(), "in order")
        #expect(calls.map(\.attempts) == [0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect(Set(calls.map(\.key)).count == 3 && Set(calls.map(\.body)).count == 3)
    }

    @Test func `an event is given up after its last try, and the next one of its file comes`() async throws {
        let hook = ScriptedHook { event in
            event.facts.contains("bad") ? .failed(HookFailure("status 3", said: "oh")) : .delivered
        }
        try await running(.scripted(hook, trigger: .rejected)) {
            try await reject("/in/a", "bad")
            try await reject("/in/a", "good")
            try await hook.waitForCalls(4)
            try await events.event { if case .hookWorks("post") = $0 { true } else { false } }
            try await untilSo { try await ledger.countEvents(of: "post") == 0 }
        }

        #expect(hook.all.map(\.attempts) == [0, 1, 2, 0])
        #expect(events.all.count { if case .hookGaveUp(_, let why) = $0 { why.said == "oh" } else { false } } == 1)
        #expect(events.all.count { if case .hookFails = $0 { true } else { false } } == 1, "a cause is told once")
        let steps = try await ledger.steps(of: "/in/a").filter { $0.kind == .hook }
        #expect(steps.map(\.facts.reason) == ["status 3", "given up: status 3", nil])
        #expect(steps[0].times == 2)
        let runs = events.all.compactMap { if case .hookRan("post", let run) = $0 { run } else { nil } }
        #expect(runs == [.failed, .failed, .dropped, .delivered])
    }

    @Test func `other files go on while one fails, and so do other hooks`() async throws {
        let stuck = ScriptedHook { event in
            if event.path == "/in/a" { return .failed(HookFailure("no")) }
            return .delivered
        }
        let quick = ScriptedHook()
        try await running(
            .scripted(stuck, name: "stuck", trigger: .rejected, tries: 1_000_000),
            .scripted(quick, name: "quick", trigger: .rejected)
        ) {
            try await reject("/in/a")
            for number in 0..<20 { try await reject(FilePath("/in/\(number)")) }
            try await untilSo { stuck.all.count { $0.path != "/in/a" } == 20 && quick.all.count == 21 }
            try await untilSo { stuck.all.count { $0.path == "/in/a" } > 3 }
            let standing = try await deliveries.standings
            #expect(standing.map(\.name) == ["quick", "stuck"])
            #expect(standing[1].failingSince != nil && standing[1].lastReason == "no" && standing[1].waiting == 1)
            #expect(standing[0].failingSince == nil && standing[0].waiting == 0)
        }
    }

    @Test func `no more runs go side by side than the hook allows`() async throws {
        let running = Mutex((now: 0, most: 0))
        let release = Latch(["release"])
        let hook = ScriptedHook { _ in
            running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            await release.wait()
            running.withLock { $0.now -= 1 }
            return .delivered
        }
        try await self.running(.scripted(hook, trigger: .rejected, concurrency: 3)) {
            for number in 0..<10 { try await reject(FilePath("/in/\(number)")) }
            try await hook.waitForCalls(3)
            release.open()
            try await hook.waitForCalls(10)
            try await rest()
        }

        #expect(running.withLock { $0.most } == 3)
    }

    @Test func `what was broken off is delivered by the next run, with the same key`() async throws {
        let hung = ScriptedHook { _ in
            try? await Task.sleep(for: .seconds(3600))
            return .cancelled
        }
        try await running(.scripted(hung, trigger: .rejected)) {
            try await reject("/in/a")
            try await hung.waitForCalls(1)
            #expect(try await deliveries.isBusy)
        }
        let next = ScriptedHook()
        try await running(.scripted(next, trigger: .rejected)) { try await next.waitForCalls(1) }

        #expect(next.all.map(\.key) == hung.all.map(\.key))
        #expect(next.all[0].attempts == 0, "a run that was broken off is no failed one")
    }

    @Test func `a blocked account is one event`() async throws {
        let hook = ScriptedHook()
        let block = AccountBlock(account: "main", cause: .quota, reason: "its storage is full", until: .now())
        try await running(.scripted(hook, trigger: .blocked)) {
            deliveries.note(block)
            try await hook.waitForCalls(1)
            try await rest()
        }
        deliveries.note(block)

        let event = try #require(hook.all.first)
        #expect(event.path == nil && event.trigger == .blocked)
        #expect(String(decoding: event.body, as: UTF8.self).contains(#""account":"main","cause":"quota""#))
        #expect(hook.all.count == 1)
    }
}
