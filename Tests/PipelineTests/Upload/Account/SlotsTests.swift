import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct SlotsTests {
    private let short: Int64 = MediaFile.longestShort
    private let medium: Int64 = MediaFile.longestShort + 1
    private let large: Int64 = Portion.largeSize

    /// The slots of an account that goes well.
    private func slots(_ count: Int, short shorts: Int = 0, medium mediums: Int = 0, large larges: Int = 0) -> Slots {
        var slots = Slots(count)
        for _ in 0..<Slots.proof { slots.note(isUp: true) }
        for _ in 0..<shorts { slots.occupy(short) }
        for _ in 0..<mediums { slots.occupy(medium) }
        for _ in 0..<larges { slots.occupy(large) }
        return slots
    }

    /// How many files of each of these sizes, in this order, are taken. Those that are owed come first.
    private func taken(_ sizes: [Int64], by slots: Slots, calls: Int = .max) -> [Int64] {
        guard case .oldest(var room) = slots.portion(calls: calls) else { return [] }
        let larges = sizes.filter { $0 >= large }.prefix(room.large.upperBound)
        let owed = larges.prefix(room.large.lowerBound)
        let rest = sizes.filter { $0 < large } + larges.dropFirst(owed.count)
        var taken: [Int64] = []
        for size in owed + rest {
            guard room.take(size) else { break }
            taken.append(size)
        }
        return taken
    }

    @Test func `an account at rest takes as many as it has slots, all but one of them large, and one large at least`() {
        #expect(taken([medium, medium, medium, medium, large], by: Slots(4)) == [large, medium, medium, medium])
        #expect(taken([large, large, large, large], by: Slots(4)) == [large, large, large])
        #expect(taken([large, large, medium], by: Slots(2)) == [large, medium])
    }

    @Test func `while a large file is on its way, a further one waits for its place in the order`() {
        let slots = slots(4, medium: 1, large: 1)

        #expect(taken([medium, medium, large], by: slots) == [medium, medium])
    }

    @Test func `the last slot beside large files is for other ones`() {
        #expect(taken([large, medium, medium], by: slots(4, large: 3)) == [medium])
        #expect(taken([large, medium], by: slots(2, large: 1)) == [medium])
    }

    @Test func `where no large file is on its way, the next slot is a large one's`() {
        #expect(taken([medium, large], by: slots(4, medium: 3)) == [large])
    }

    @Test func `one slot goes by the order alone`() {
        #expect(taken([large], by: slots(1)) == [large])
        #expect(taken([short, short], by: slots(1)) == [short])
        #expect(taken([short], by: slots(1, large: 1)) == [])
    }

    @Test func `there is nothing to take while all slots are taken, and room again when a file leaves`() {
        var slots = slots(2, medium: 1, large: 1)
        #expect(!slots.hasRoom)

        slots.release(large)
        #expect(taken([medium, large], by: slots) == [large])
        slots.release(medium)
        #expect(slots.taken == 0)
    }

    @Test func `short files go ahead of the slots, up to a number and to so many bytes`() {
        let tiny = Array(repeating: Int64(1), count: 100)
        let full = Array(repeating: short, count: 100)

        #expect(taken(tiny, by: slots(2)).count == Slots.mostShort)
        #expect(taken(tiny, by: slots(2, short: 3)).count == min(61, Slots.mostShort - 3))
        #expect(taken(full, by: slots(2)).count == Int(Slots.mostShortBytes / short))
        #expect(taken(full, by: slots(2, short: 3)).count == Int(Slots.mostShortBytes / short) - 3)
        #expect(!slots(2, short: Slots.mostShort, medium: 1).hasRoom)
    }

    @Test func `a slot stays for the short files under way, and without one none goes ahead`() {
        #expect(taken([medium, medium], by: slots(2, short: 9)) == [medium])
        #expect(taken([short], by: slots(2, medium: 2)) == [])
        #expect(taken([medium, medium, short], by: slots(2)) == [medium, medium])
    }

    @Test func `a file without room is not passed over by short ones`() {
        #expect(taken([short, medium, medium, short], by: slots(2)) == [short, medium])
    }

    @Test func `a failed try lets short files take slots as others do, until as many have gone up again`() {
        let tiny = Array(repeating: Int64(1), count: 9)
        var slots = slots(2)
        #expect(taken(tiny, by: slots).count == 9)

        slots.note(isUp: false)
        for _ in 1..<Slots.proof {
            slots.note(isUp: true)
            #expect(taken(tiny, by: slots).count == 2)
        }
        slots.note(isUp: true)
        #expect(taken(tiny, by: slots).count == 9)
    }

    @Test func `where the pace allows no more calls than there are slots, short files take slots as others do`() {
        #expect(taken([short, short, short, short], by: slots(4, short: 1), calls: 8) == [short, short, short])
        #expect(taken([short], by: slots(4, short: 4), calls: 0) == [])
    }

    @Test func `a file that goes ahead may need two calls, and those under way may not have made theirs`() {
        let many = Array(repeating: Int64(1), count: 99)
        #expect(taken(many, by: slots(4), calls: 20).count == 10)
        #expect(taken(many, by: slots(4, short: 5), calls: 20).count == 5)
        #expect(taken(many, by: slots(4, short: 6), calls: 20).isEmpty)
    }

    @Test
    func `whatever is queued, large files never have all slots, and one that waits is never passed over for long`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var slots = Slots(Int.random(in: 2...6, using: &random))
            var underWay: [Int64] = []
            for _ in 0..<100 {
                // Somebody of each size is always due.
                let queued = (0..<100).map { _ in [short, medium, large].randomElement(using: &random) ?? short }
                for size in taken(queued, by: slots) {
                    slots.occupy(size)
                    underWay.append(size)
                }
                #expect(slots.medium + slots.large <= slots.count, "seed \(random.seed)")
                #expect((1..<slots.count).contains(slots.large), "seed \(random.seed)")
                underWay.shuffle(using: &random)
                slots.release(underWay.removeLast())
            }
        }
    }
}
