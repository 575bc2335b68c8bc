import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite struct WireTests {
    private struct Seen {
        var now = 0
        var most = 0
        var all = 0

        mutating func begin() {
            now += 1
            all += 1
            most = max(most, now)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `no more requests are under way than there are places, and all have a turn`()
        async throws
    {
        let wire = Wire(places: 2)
        let seen = Monitor(Seen())

        await withDiscardingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    try? await wire.pass {
                        seen.change { $0.begin() }
                        await Task.yield()
                        seen.change { $0.now -= 1 }
                    }
                }
            }
        }

        #expect(seen.read { $0.most } == 2)
        #expect(seen.read { $0.all } == 50)
    }

    @Test(.timeLimit(.minutes(5))) func `a task that is cancelled in line takes no place`() async throws {
        let wire = Wire(places: 1)
        let (taken, end) = (Doorbell(), Doorbell())

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await wire.pass {
                    taken.ring()
                    await end.wait()
                }
            }
            await taken.wait()
            let second = Task { try await wire.pass {} }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            end.ring()
            try await group.waitForAll()
        }

        try await wire.pass {}
    }

    @Test(.timeLimit(.minutes(5)))
    func `nothing is begun at a closed account, also in line, and what was begun goes on`()
        async throws
    {
        let file = MediaFile.sample("a")
        let wire = Wire(places: 1)
        let (taken, end) = (Doorbell(), Doorbell())

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await wire.pass(beginning: file) {
                    taken.ring()
                    await end.wait()
                }
            }
            await taken.wait()
            let inLine = Task { try await wire.pass(beginning: file) {} }
            try await untilSo { wire.inLine == 1 }
            wire.setClosed(true)
            await #expect(throws: Wire.Closed.self) { try await inLine.value }
            await #expect(throws: Wire.Closed.self) { try await wire.pass(beginning: file) {} }
            end.ring()
            try await group.waitForAll()
        }

        try await wire.pass {}
        wire.setClosed(false)
        try await wire.pass(beginning: file) {}
        #expect(wire.inLine == 0)
    }

    @Test func `a file that is not admitted when its turn comes is not begun, and leaves its place`() async throws {
        let wire = Wire(places: 1) { $0.path != "/in/a" }

        await #expect(throws: Wire.Closed.self) { try await wire.pass(beginning: .sample("a")) {} }
        try await wire.pass(beginning: .sample("b")) {}
        try await wire.pass {}
    }
}
