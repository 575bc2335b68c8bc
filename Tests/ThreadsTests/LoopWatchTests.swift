import TestSupport
import Testing

@testable import Threads

@Suite struct LoopWatchTests {
    private typealias Look = LoopWatch.Reading

    /// What each of these looks at one loop tells.
    private func standing(_ looks: [LoopWatch.Reading]) -> [Bool] {
        var watch = LoopWatch()
        return looks.map { !watch.standing([1: $0]).isEmpty }
    }

    @Test func `a loop that has not moved from look to look three times in a row stands still, until it moves`() {
        let looks = [1, 1, 1, 1, 1, 2, 2].map { Look(name: "a", count: $0) }

        #expect(standing(looks) == [false, false, false, true, true, false, false])
    }

    @Test func `a loop that moves now and then, or rests, or waits for a disk, does not stand still`() {
        #expect(!standing([1, 1, 1, 2, 2, 2, 3, 3, 3].map { Look(name: "a", count: $0) }).contains(true))
        #expect(!standing((0..<9).map { _ in Look(name: "a", count: 1, mayRest: true) }).contains(true))
        #expect(!standing((0..<9).map { _ in Look(name: "a", count: 1, waitsForDisk: true) }).contains(true))
    }

    @Test func `what stands still behind a disk's answer counts from then on`() {
        let hung = (0..<5).map { _ in Look(name: "a", count: 1, waitsForDisk: true) }
        let stuck = (0..<3).map { _ in Look(name: "a", count: 1) }

        #expect(standing(hung + stuck) == [false, false, false, false, false, false, false, true])
    }

    @Test func `each loop is judged by itself, and one that has ended is forgotten`() {
        var watch = LoopWatch()
        for count in 1...4 {
            let standing = watch.standing([1: Look(name: "moves", count: count), 2: Look(name: "stuck", count: 0)])
            #expect(standing == (count == 4 ? ["stuck"] : []))
        }

        #expect(watch.standing([1: Look(name: "moves", count: 5)]) == [])
        #expect(watch.standing([1: Look(name: "moves", count: 6), 2: Look(name: "stuck", count: 0)]) == [])
    }
}

@Suite(.timeLimit(.minutes(5))) struct LoopsTests {
    private let loops = Loops()

    /// Joins a loop where one may join, as within the running service.
    private func join(_ name: String, wake: (@Sendable () -> Void)? = nil) -> Loop {
        Loops.$current.withValue(loops) { Loops.join(name, wake: wake) }
    }

    @Test func `a loop without a service around it works all the same`() async {
        let loop = Loops.join("alone")

        let answer = await loop.step { 7 }

        #expect(answer == 7)
        loop.leave()
    }

    @Test func `a step that is under way moves by what is done in it, and by nothing else`() async throws {
        let loop = join("a")
        let counts = Mutex<[Int]>([])
        func look() { counts.withLock { $0 += loops.readings().values.map(\.count) } }

        await loop.step {
            look()
            look()
            Loop.goesOn()
            look()
        }
        look()

        let seen = counts.withLock { $0 }
        #expect(seen[0] == seen[1] && seen[1] < seen[2] && seen[2] < seen[3])
        loop.leave()
        #expect(loops.readings().isEmpty)
    }

    @Test func `a loop that can be woken is woken by each look, and may not rest; one that cannot may`() async {
        let rings = Mutex(0)
        let (woken, other) = (join("woken") { rings.withLock { $0 += 1 } }, join("events"))
        defer { [woken, other].forEach { $0.leave() } }

        let looks = loops.readings().values

        #expect(rings.withLock { $0 } == 1)
        #expect(looks.first { $0.name == "woken" }?.mayRest == false)
        #expect(looks.first { $0.name == "events" }?.mayRest == true)
        let busy = await other.step { loops.readings().values.first { $0.name == "events" } }
        #expect(busy?.mayRest == false)
    }

    @Test
    func `what a step waits for on a thread for a folder's disk is told as such, and what hangs elsewhere is not`()
        async throws
    {
        let loop = join("a")
        defer { loop.leave() }
        let threads = BlockingThreads(name: "test", bound: 1)
        let seen = Mutex<[Bool]>([])
        let loops = loops

        try await loop.step {
            seen.withLock { $0 += loops.readings().values.map(\.waitsForDisk) }
            try await threads.run { seen.withLock { $0 += loops.readings().values.map(\.waitsForDisk) } }
            seen.withLock { $0 += loops.readings().values.map(\.waitsForDisk) }
        }

        #expect(seen.withLock { $0 } == [false, true, false])
    }

    @Test func `a loop whose bell is deaf is found, and one that comes round is not`() async {
        let bell = Doorbell()
        let (deaf, well) = (join("deaf") {}, join("well") { bell.ring() })
        defer { [deaf, well].forEach { $0.leave() } }
        var watch = LoopWatch()
        var standing: [String] = []

        for _ in 0...LoopWatch.patience {
            await well.step {}
            standing = watch.standing(loops.readings())
            await bell.wait()
        }

        #expect(standing == ["deaf"])
    }
}
