import Testing
import Threads

@testable import Watch

struct EventChannelTests {
    private func batch(_ number: Int) -> [WatchEvent] {
        [.scanned(folder: "\(number)")]
    }

    @Test(.timeLimit(.minutes(5))) func `batches come out in order, though the channel holds but one`() async throws {
        let channel = EventChannel(bound: 1)
        let received = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "sender") {
                    for number in 0..<200 { _ = channel.send(batch(number)) }
                    channel.finish()
                }
            }
            var received: [[WatchEvent]] = []
            for await batch in channel { received.append(batch) }
            try await group.waitForAll()
            return received
        }

        #expect(received == (0..<200).map(batch))
    }

    @Test(.timeLimit(.minutes(5))) func `a sender that waits for room goes away when the channel ends`() async throws {
        let channel = EventChannel(bound: 1)
        #expect(channel.send(batch(0)))

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...3 {
                group.addTask {
                    try await OwnThread.run(named: "sender") { #expect(!channel.send(batch(number))) }
                }
            }
            channel.finish()
            try await group.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `what was accepted is still given out after the end`() async {
        let channel = EventChannel(bound: 4)
        #expect(channel.send(batch(1)))
        channel.finish()

        var iterator = channel.makeAsyncIterator()
        #expect(await iterator.next() == batch(1))
        #expect(await iterator.next() == nil)
    }

    @Test(.timeLimit(.minutes(5))) func `a cancelled consumer is let go`() async {
        let channel = EventChannel(bound: 1)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in channel { Issue.record("nothing was sent") }
            }
            group.cancelAll()
        }
    }
}
