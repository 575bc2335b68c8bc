import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
    private let number = Monitor(0)

    @Test func `a change releases all whose condition it fulfils, and nobody else`() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for least in [1, 2, 2, 9] {
                group.addTask { try await number.value { $0 >= least ? least : nil } }
            }
            number.change { $0 = 2 }
            var released: [Int] = []
            for _ in 0..<3 { released.append(try await group.next() ?? 0) }

            #expect(released.sorted() == [1, 2, 2])
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    @Test func `a condition that is fulfilled already keeps nobody waiting, cancelled or not`() async throws {
        try await number.wait { $0 == 0 }
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.cancelAll()
            group.addTask { try await number.value { $0 == 0 ? 7 : nil } }
            let value = try await group.next()
            #expect(value == 7)
        }
    }

    @Test func `what a waiter takes, nobody else gets, and nothing is left over`() async throws {
        let (stock, taken) = (Monitor(0), Monitor(0))

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await stock.wait { stock in
                        guard stock > 0 else { return false }
                        stock -= 1
                        return true
                    }
                    taken.change { $0 += 1 }
                }
            }
            for _ in 0..<100 { stock.change { $0 += 1 } }
            try await taken.wait { $0 == 100 }
            #expect(stock.read { $0 } == 0)
            for _ in 0..<100 { stock.change { $0 += 1 } }
            try await group.waitForAll()
        }

        #expect(taken.read { $0 } == 200)
        #expect(stock.read { $0 } == 0)
    }

    @Test func `a cancelled waiter takes nothing, and what it did not take is for the next`() async throws {
        for _ in 0..<200 {
            let stock = Monitor(0)
            let take: @Sendable (inout Int) -> Int? = { stock in
                guard stock > 0 else { return nil }
                stock -= 1
                return 1
            }
            let taken = await withTaskGroup(of: Int.self) { group in
                group.addTask { (try? await stock.value(take)) ?? 0 }
                await Task.yield()
                group.addTask {
                    stock.change { $0 += 1 }
                    return 0
                }
                group.cancelAll()
                return await group.reduce(0, +)
            }

            #expect(taken + stock.read { $0 } == 1)
        }
    }

    @Test func `a waiter that takes something can release another one`() async throws {
        let slot = Monitor(Int?.some(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await slot.wait { $0 == nil } }
            await Task.yield()
            let taken = try await slot.value { slot in
                defer { slot = nil }
                return slot
            }
            #expect(taken == 1)
            try await group.waitForAll()
        }
    }

    @Test func `the first to come is the first to go`() async throws {
        let (line, order) = (Monitor(0), Monitor([Int]()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for waiter in 1...20 {
                let looks = Monitor(0)
                group.addTask {
                    let turn = try await line.value { turn -> Int? in
                        looks.change { $0 += 1 }
                        guard turn > 0 else { return nil }
                        turn -= 1
                        return waiter
                    }
                    order.change { $0.append(turn) }
                }
                // It stands in line as soon as its condition was looked at.
                try await looks.wait { $0 > 0 }
            }
            for turn in 1...20 {
                line.change { $0 += 1 }
                try await order.wait { $0.count == turn }
            }
            try await group.waitForAll()
        }

        #expect(order.read { $0 } == Array(1...20))
    }

    @Test func `who stays is not released by a cancellation`() async {
        await withTaskGroup(of: Int?.self) { group in
            group.addTask { try? await number.outcome { $0 > 0 ? .success($0) : nil } }
            group.cancelAll()
            for _ in 0..<100 { await Task.yield() }
            number.change { $0 = 5 }
            #expect(await group.next() == 5)
        }
    }
}
