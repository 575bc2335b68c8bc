import Testing
import Threads
import Watch

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct CrewTests {
    private struct Failure: Error {}

    /// Runs the crew for as long as `body` takes.
    private func running(_ crew: Crew, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await crew.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Work that tells of its beginning and its end.
    private struct Work: Sendable {
        let begun = Latch(["begun"])
        let end = Latch(["end"])

        var isOver: Bool { end.missing.isEmpty }

        func run() async {
            begun.open()
            await Doorbell().wait()
            end.open()
        }
    }

    @Test func `one ends while the others go on, and its post is free for the next`() async throws {
        let (crew, first, second, next) = (Crew(), Work(), Work(), Work())
        crew.begin(.folder("a")) { await first.run() }
        try await running(crew) {
            // A folder and an account may have one name.
            crew.begin(.account("a")) { await second.run() }
            await first.begun.wait()
            await second.begun.wait()

            await crew.end(.folder("a"))
            #expect(first.isOver && !second.isOver)

            crew.begin(.folder("a")) { await next.run() }
            await next.begun.wait()
            #expect(!second.isOver)
        }

        #expect(second.isOver && next.isOver)
    }

    @Test func `the end of who is not there, or has ended by itself, is no wait`() async throws {
        let (crew, work) = (Crew(), Latch(["begun"]))
        try await running(crew) {
            crew.begin(.folder("a")) { work.open() }
            await work.wait()
            await crew.end(.folder("a"))
            await crew.end(.folder("b"))
        }
    }

    @Test func `what one throws ends all, and is thrown`() async throws {
        let (crew, work) = (Crew(), Work())
        crew.begin(.folder("a")) { await work.run() }
        crew.begin(.folder("b")) {
            await work.begun.wait()
            throw Failure()
        }

        await #expect(throws: Failure.self) { try await crew.run() }
        #expect(work.isOver)
        // Nobody lets it any more.
        crew.begin(.folder("c")) { Issue.record("it began") }
        await crew.end(.folder("c"))
    }
}
