import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct SlotsTests {
    private let small: Int64 = Portion.largeSize - 1
    private let large: Int64 = Portion.largeSize

    private func slots(_ count: Int, small smalls: Int = 0, large larges: Int = 0) -> Slots {
        var slots = Slots(count)
        for _ in 0..<smalls { slots.occupy(small) }
        for _ in 0..<larges { slots.occupy(large) }
        return slots
    }

    @Test func `an account at rest takes as many as it has slots, all but one of them large, and one large at least`() {
        #expect(Slots(4).portion == .oldest(4, large: 1...3))
        #expect(Slots(2).portion == .oldest(2, large: 1...1))
    }

    @Test func `while a large file is on its way, a further one waits for its place in the order`() {
        #expect(slots(4, large: 1).portion == .oldest(3, large: 0...2))
        #expect(slots(4, small: 2, large: 1).portion == .oldest(1, large: 0...1))
    }

    @Test func `the last slot beside large files is for small ones`() {
        #expect(slots(4, large: 3).portion == .oldest(1, large: 0...0))
        #expect(slots(4, small: 1, large: 2).portion == .oldest(1, large: 0...1))
        #expect(slots(2, large: 1).portion == .oldest(1, large: 0...0))
    }

    @Test func `where only small files are on their way, the next slot is a large one's`() {
        #expect(slots(4, small: 3).portion == .oldest(1, large: 1...1))
    }

    @Test func `one slot goes by the order alone`() {
        #expect(Slots(1).portion == .oldest(1, large: 0...1))
    }

    @Test func `there is nothing to take while all slots are taken, and room again when a file leaves`() {
        var slots = slots(2, small: 1, large: 1)
        #expect(slots.portion == nil)
        #expect(slots.free == 0)

        slots.release(large)
        #expect(slots.portion == .oldest(1, large: 1...1))
        slots.release(small)
        #expect(slots.taken == 0)
    }

    @Test
    func `whatever is queued, large files never have all slots, and one that waits is never passed over for long`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var slots = Slots(Int.random(in: 2...6, using: &random))
            var underWay: [Int64] = []
            for _ in 0..<100 {
                if let portion = slots.portion, case .oldest(let limit, let larges) = portion {
                    // Somebody of each size is always due.
                    let most = Int.random(in: larges, using: &random)
                    let sizes = Array(repeating: large, count: most) + Array(repeating: small, count: limit - most)
                    for size in sizes { slots.occupy(size) }
                    underWay += sizes
                }
                #expect(slots.taken == slots.count, "seed \(random.seed)")
                #expect((1..<slots.count).contains(slots.large), "seed \(random.seed)")
                underWay.shuffle(using: &random)
                slots.release(underWay.removeLast())
            }
        }
    }
}
