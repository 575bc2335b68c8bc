import SystemPackage
import Testing
import Threads

@testable import Watch

struct InboxTests {
    private func event(_ watch: Int32) -> InotifyEvent {
        InotifyEvent(watch: watch, mask: .create, name: "a")
    }

    @Test func `past the bound events are dropped, and the mail says so`() {
        let inbox = Inbox(bound: 2)
        for watch in 1...3 { inbox.put(event(Int32(watch))) }

        let mail = inbox.next(within: .zero)

        #expect(mail.events.map(\.watch) == [1, 2])
        #expect(mail.overflowed)
        #expect(!inbox.next(within: .zero).overflowed)
    }

    @Test func `an event that repeats the last one takes no room`() {
        let inbox = Inbox(bound: 2)
        for _ in 1...9 { inbox.put(event(1)) }

        #expect(inbox.next(within: .zero).events.count == 1)
    }

    @Test func `the kernel's own overflow counts as well`() {
        let inbox = Inbox(bound: 2)
        inbox.put(InotifyEvent(watch: -1, mask: .queueOverflow, name: nil))

        #expect(inbox.next(within: .zero).overflowed)
    }

    @Test func `once stopped it stays so and nobody waits`() {
        let inbox = Inbox(bound: 2)
        inbox.stop()

        #expect(inbox.next(within: .seconds(3600)).stopped)
        #expect(inbox.next(within: .seconds(3600)).stopped)
    }

    @Test(.timeLimit(.minutes(5))) func `mail wakes the one who waits`() async throws {
        let inbox = Inbox(bound: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "taker") {
                    var got = 0
                    while got < 100 { got += inbox.next(within: .seconds(3600)).events.count }
                }
            }
            group.addTask {
                for watch in 1...100 {
                    inbox.put(event(Int32(watch)))
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `patience ends without mail`() {
        #expect(Inbox(bound: 1).next(within: .milliseconds(1)).isEmpty)
    }
}
