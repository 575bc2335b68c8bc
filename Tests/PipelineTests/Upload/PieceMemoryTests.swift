import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct PieceMemoryTests {
    @Test func `a piece of the largest length always fits`() async {
        let memory = PieceMemory(capacity: 1)

        await memory.withShare(of: "main", inParts: true) { share in
            #expect(share.reserve(PieceMemory.largestHeld))
            share.giveBack(PieceMemory.largestHeld)
            #expect(share.reserve(PieceMemory.largestHeld))
        }
    }

    @Test func `never more is out than there is, whoever takes and gives back side by side`() async {
        var random = SeededGenerator()
        let capacity = PieceMemory.largestHeld
        let memory = PieceMemory(capacity: capacity)
        let out = Tally<Bool>()
        let sizes = (0..<200).map { _ in Int64.random(in: 1...capacity, using: &random) }

        await withTaskGroup(of: Void.self) { group in
            for (index, size) in sizes.enumerated() {
                group.addTask {
                    await memory.withShare(of: "account \(index % 3)", inParts: true) { share in
                        guard share.reserve(size) else { return }
                        out.enter(true, weighing: size)
                        await Task.yield()
                        out.leave(true, weighing: size)
                        share.giveBack(size)
                    }
                }
            }
        }

        #expect(out.isOver)
        #expect(out.most <= capacity, "seed \(random.seed)")
        #expect(memory.held == 0)
    }

    @Test func `files that go in one piece leave the others their share`() async {
        let memory = PieceMemory(capacity: 12 << 20)

        await memory.withShare(of: "photos", inParts: false) { _ in
            await memory.withShare(of: "videos", inParts: true) { share in
                for _ in 0..<3 { #expect(share.reserve(4 << 20)) }
            }
        }
    }
}
