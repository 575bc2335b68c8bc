import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct PieceMemoryTests {
    @Test func `a piece of the largest length always fits`() async {
        let memory = PieceMemory(capacity: 1)

        await memory.take(PieceMemory.largestHeld)
        await memory.giveBack(PieceMemory.largestHeld)
        await memory.take(PieceMemory.largestHeld)
    }

    @Test func `never more is out than there is, and everybody gets some`() async {
        var random = SeededGenerator()
        let capacity = PieceMemory.largestHeld
        let memory = PieceMemory(capacity: capacity)
        let out = Tally<Bool>()
        let sizes = (0..<200).map { _ in Int64.random(in: 1...capacity, using: &random) }

        await withTaskGroup(of: Void.self) { group in
            for size in sizes {
                group.addTask {
                    await memory.take(size)
                    out.enter(true, weighing: size)
                    await Task.yield()
                    out.leave(true, weighing: size)
                    await memory.giveBack(size)
                }
            }
        }

        #expect(out.isOver)
        #expect(out.most <= capacity, "seed \(random.seed)")
        #expect(out.turns == sizes.count)
    }
}
