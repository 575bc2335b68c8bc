import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct FlightsTests {
    /// What happened, in order.
    private final class Steps: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ step: String) { list.withLock { $0.append(step) } }
    }

    private let clock = ManualClock()
    private let bell = Doorbell()
    private let flights: Flights

    init() {
        flights = Flights(bell: bell)
    }

    @Test func `a file has company when another one of its size is under way`() async {
        let first = await flights.enter("/in/1", size: 10)
        let other = await flights.enter("/in/2", size: 11)
        let second = await flights.enter("/in/3", size: 10)
        await flights.leave(first.number)
        await flights.leave(second.number)
        _ = await flights.beginClaim()
        let third = await flights.enter("/in/4", size: 10)

        #expect(!first.hasCompany)
        #expect(!other.hasCompany)
        #expect(second.hasCompany)
        #expect(!third.hasCompany)
    }

    /// The claim may have looked for assets before the flight's own was recorded.
    @Test func `a file has company when a flight of its size ended while it was claimed`() async {
        let first = await flights.enter("/in/1", size: 10)
        _ = await flights.beginClaim()
        await flights.leave(first.number)

        #expect(await flights.enter("/in/2", size: 10).hasCompany)
        #expect(await !flights.enter("/in/3", size: 11).hasCompany)
    }

    @Test func `the same bytes wait until the earlier file is through`() async throws {
        let steps = Steps()
        let first = await flights.enter("/in/1", size: 10).number
        let second = await flights.enter("/in/2", size: 10).number
        await flights.publish(digest(1), of: second)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let reason = try await flights.waitForTurn(of: second, digest: digest(1), clock: clock)
                steps.add(reason ?? "second goes")
            }
            try await clock.sleepers(1)
            // Wakes who waits; who does not wait is through before the last.
            await flights.publish(digest(1), of: first)
            for _ in 0..<100 { await Task.yield() }
            steps.add("first leaves")
            await flights.leave(first)
            try await group.waitForAll()
        }

        #expect(steps.all == ["first leaves", "second goes"])
    }

    @Test func `other bytes of the same size go once that is known`() async throws {
        let first = await flights.enter("/in/1", size: 10).number
        let second = await flights.enter("/in/2", size: 10).number

        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await flights.waitForTurn(of: second, digest: digest(2), clock: clock) }
            try await clock.sleepers(1)
            await flights.publish(digest(1), of: first)
            let reason = try await group.next()
            #expect(reason == .some(nil))
        }

        // The first one is still under way: what it waited for was its digest alone.
        #expect(await flights.enter("/in/3", size: 10).hasCompany)
    }

    @Test func `nobody waits for a later file`() async throws {
        let first = await flights.enter("/in/1", size: 10).number
        let second = await flights.enter("/in/2", size: 10).number
        await flights.publish(digest(1), of: second)

        #expect(try await flights.waitForTurn(of: first, digest: digest(1), clock: clock) == nil)
    }

    /// Enters a file, and has it wait in vain.
    private func park(_ path: FilePath, _ number: UInt8) async throws -> String? {
        let flight = await flights.enter(path, size: 10).number
        await flights.publish(digest(number), of: flight)
        let reason = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await flights.waitForTurn(of: flight, digest: digest(number), clock: clock) }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            return try await group.next() ?? nil
        }
        await flights.leave(flight)
        return reason
    }

    @Test func `whoever waits for a second gives its slot back, and all of its size are held back meanwhile`()
        async throws
    {
        let first = await flights.enter("/in/1", size: 10).number

        #expect(try await park("/in/2", 2)?.contains("not known yet") == true)
        #expect(await flights.heldBack == HeldBack(roots: [], files: [], sizes: [10]))

        await flights.publish(digest(1), of: first)
        await bell.wait()
        #expect(await flights.heldBack == .nothing, "it has other bytes")
        await flights.leave(first)
    }

    @Test func `a file that waits for its own bytes is held back alone, until they are up`() async throws {
        let first = await flights.enter("/in/1", size: 10).number
        await flights.publish(digest(1), of: first)

        #expect(try await park("/in/2", 1) == "another file with the same bytes is on its way")
        #expect(await flights.heldBack == HeldBack(roots: [], files: ["/in/2"]))
        // Nobody waits for a second again: the first is known to take longer.
        let third = await flights.enter("/in/3", size: 10).number
        await flights.publish(digest(1), of: third)
        #expect(try await flights.waitForTurn(of: third, digest: digest(1), clock: clock) != nil)
        await flights.leave(third)
        #expect(await flights.heldBack.files == ["/in/2", "/in/3"])

        await flights.leave(first)
        await bell.wait()
        #expect(await flights.heldBack == .nothing)
    }

    @Test func `however many files wait for the same bytes, few are held back one by one`() async throws {
        let first = await flights.enter("/in/first", size: 10).number
        await flights.publish(digest(1), of: first)
        #expect(try await park("/in/0", 1) != nil)
        for number in 1..<Flights.mostParked {
            let flight = await flights.enter(FilePath("/in/\(number)"), size: 10).number
            await flights.publish(digest(1), of: flight)
            _ = try await flights.waitForTurn(of: flight, digest: digest(1), clock: clock)
            await flights.leave(flight)
        }

        #expect(await flights.heldBack.sizes == [10])
        #expect(await flights.heldBack.files.count == Flights.mostParked)
        await flights.leave(first)
        #expect(await flights.heldBack == .nothing)
    }

    @Test func `a file whose digest is not known is told of company, before or after it waits for that`() async {
        let first = await flights.enter("/in/1", size: 10).number
        _ = await flights.enter("/in/2", size: 10)
        #expect(await flights.waitForCompany(of: first))

        let other = await flights.enter("/in/3", size: 11).number
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await flights.waitForCompany(of: other) }
            await Task.yield()
            _ = await flights.enter("/in/4", size: 11)
            #expect(await group.next() == true)
        }

        let known = await flights.enter("/in/5", size: 12).number
        _ = await flights.enter("/in/6", size: 12)
        await flights.publish(digest(1), of: known)
        #expect(await !flights.waitForCompany(of: known), "nobody has to read it any more")
    }

    @Test func `a file that is told to have other bytes than before has changed`() async {
        let first = await flights.enter("/in/1", size: 10).number

        #expect(await flights.publish(digest(1), of: first))
        #expect(await flights.publish(digest(1), of: first))
        #expect(await !flights.publish(digest(2), of: first))
    }

    @Test func `who is cancelled waits no longer`() async throws {
        let first = await flights.enter("/in/1", size: 10).number
        let second = await flights.enter("/in/2", size: 10).number

        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask { try await flights.waitForTurn(of: second, digest: digest(2), clock: clock) }
                try await clock.sleepers(1)
                group.cancelAll()
                _ = try await group.next()
            }
        }
        await flights.leave(first)
    }

    /// Four slots take what is not held back, in order; each file hashes where it has company, goes or is parked. That
    /// each comes to its end is the first thing shown.
    @Test(arguments: [Duration.zero, .milliseconds(1), .seconds(1)])
    func `of files with the same bytes one goes at a time, and all come through`(grace: Duration) async throws {
        var random = SeededGenerator()
        for _ in 0..<20 {
            let bell = Doorbell()
            let flights = Flights(bell: bell, grace: grace)
            // Contents of the same remainder have the same size.
            let queue = FlightQueue((0..<40).map { _ in UInt8.random(in: 0..<7, using: &random) })
            let speeds = (0..<7).map { _ in Int.random(in: 0..<30, using: &random) }
            let flying = Tally<UInt8>()

            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !queue.isOver {
                            guard let (path, content) = queue.claim(except: await flights.heldBack) else {
                                try Task.checkCancellation()
                                await Task.yield()
                                continue
                            }
                            let flight = await flights.enter(path, size: Int64(content % 2))
                            let (number, hasCompany) = (flight.number, flight.hasCompany)
                            var reason: String?
                            if hasCompany {
                                for _ in 0..<speeds[6 - Int(content)] { await Task.yield() }
                                await flights.publish(digest(content), of: number)
                                reason = try await flights.waitForTurn(
                                    of: number,
                                    digest: digest(content),
                                    clock: ContinuousClock()
                                )
                            }
                            if reason == nil {
                                flying.enter(content)
                                for _ in 0..<speeds[Int(content)] { await Task.yield() }
                                await flights.publish(digest(content), of: number)
                                for _ in 0..<speeds[Int(content)] { await Task.yield() }
                                flying.leave(content)
                            }
                            await flights.leave(number)
                            queue.finish(path, isUp: reason == nil)
                        }
                    }
                }
                try await group.waitForAll()
            }

            #expect(flying.most == 1, "seed \(random.seed)")
            #expect(flying.turns == 40, "seed \(random.seed)")
        }
    }
}

/// Files that wait for a slot, in order.
private final class FlightQueue: Sendable {
    private struct State {
        var waiting: [(path: FilePath, content: UInt8)]
        var underWay: [FilePath: UInt8] = [:]
    }

    private let state: Mutex<State>

    init(_ contents: [UInt8]) {
        state = Mutex(State(waiting: contents.enumerated().map { (FilePath("/in/\($0)"), $1) }))
    }

    var isOver: Bool { state.withLock { $0.waiting.isEmpty && $0.underWay.isEmpty } }

    func claim(except held: HeldBack) -> (path: FilePath, content: UInt8)? {
        state.withLock { state in
            let next = state.waiting.firstIndex { path, content in
                !held.files.contains(path) && !held.sizes.contains(Int64(content % 2))
            }
            guard let next else { return nil }
            let file = state.waiting.remove(at: next)
            state.underWay[file.path] = file.content
            return file
        }
    }

    func finish(_ path: FilePath, isUp: Bool) {
        state.withLock { state in
            guard let content = state.underWay.removeValue(forKey: path), !isUp else { return }
            state.waiting.insert((path, content), at: 0)
        }
    }
}
