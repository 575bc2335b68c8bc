import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct FlightsTests {
    /// What happened, in order.
    private final class Steps: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ step: String) { list.withLock { $0.append(step) } }
    }

    @Test func `a file has company when another one of its size is under way`() async {
        let flights = Flights()
        let first = await flights.enter(size: 10)
        let other = await flights.enter(size: 11)
        let second = await flights.enter(size: 10)
        await flights.leave(first.number)
        await flights.leave(second.number)
        let third = await flights.enter(size: 10)

        #expect(!first.hasCompany)
        #expect(!other.hasCompany)
        #expect(second.hasCompany)
        #expect(!third.hasCompany)
    }

    @Test func `the same bytes wait until the earlier file is through`() async {
        let flights = Flights()
        let steps = Steps()
        let first = await flights.enter(size: 10).number
        let second = await flights.enter(size: 10).number
        await flights.publish(digest(1), of: second)

        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await flights.waitForEqual(to: second, digest: digest(1))
                steps.add("second goes")
            }
            // Each wakes who waits; who does not wait is through before the last.
            for _ in 0..<100 {
                await flights.publish(digest(1), of: first)
                await Task.yield()
            }
            steps.add("first leaves")
            await flights.leave(first)
        }

        #expect(steps.all == ["first leaves", "second goes"])
    }

    @Test func `other bytes of the same size go once that is known`() async {
        let flights = Flights()
        let first = await flights.enter(size: 10).number
        let second = await flights.enter(size: 10).number

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await flights.waitForEqual(to: second, digest: digest(2)) }
            await flights.publish(digest(1), of: first)
        }

        // The first one is still under way: what it waited for was its digest alone.
        #expect(await flights.enter(size: 10).hasCompany)
    }

    @Test func `nobody waits for a later file`() async {
        let flights = Flights()
        let first = await flights.enter(size: 10).number
        let second = await flights.enter(size: 10).number
        await flights.publish(digest(1), of: second)

        await flights.waitForEqual(to: first, digest: digest(1))
    }

    /// Each file hashes, waits, and goes unless a file before it went with its bytes; that each comes to its end is the
    /// first thing shown.
    @Test func `of files with the same bytes one goes at a time, and all come through`() async {
        var random = SeededGenerator()
        for _ in 0..<30 {
            let flights = Flights()
            let files = (0..<24).map { _ in UInt8.random(in: 0..<5, using: &random) }
            let flying = Tally<UInt8>()

            await withTaskGroup(of: Void.self) { group in
                for content in files {
                    group.addTask {
                        let (number, hasCompany) = await flights.enter(size: Int64(content % 2))
                        if hasCompany {
                            await flights.publish(digest(content), of: number)
                            await flights.waitForEqual(to: number, digest: digest(content))
                        }
                        flying.enter(content)
                        await Task.yield()
                        await flights.publish(digest(content), of: number)
                        await Task.yield()
                        flying.leave(content)
                        await flights.leave(number)
                    }
                }
            }

            #expect(flying.most == 1, "seed \(random.seed)")
        }
    }
}
