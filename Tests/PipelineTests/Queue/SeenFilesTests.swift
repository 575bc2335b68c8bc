import TestSupport
import Testing

@testable import Pipeline

struct SeenFilesTests {
    @Test func `only numbers that were put in are in it`() {
        var seen = SeenFiles()
        seen.insert([1, 64, 1_000_000_007])

        #expect([1, 64, 1_000_000_007].allSatisfy(seen.contains))
        #expect(![0, 2, 63, 65, 128, 1_000_000_006].contains(where: seen.contains))
    }

    @Test func `it has what a set has, whatever the numbers`() {
        var random = SeededGenerator()
        var (seen, plain) = (SeenFiles(), Set<Int64>())
        for _ in 0..<2000 {
            let number = Bool.random(using: &random) ? Int64.random(in: 0...500) : .random(in: 0 ... .max)
            if Bool.random(using: &random) {
                seen.insert([number])
                plain.insert(number)
            }
            #expect(seen.contains(number) == plain.contains(number), "seed \(random.seed)")
        }
    }
}
