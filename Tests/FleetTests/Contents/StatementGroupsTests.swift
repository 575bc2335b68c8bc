import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(1))) struct StatementGroupsTests {
    private let groups = StatementGroups<Int, Int>()

    @Test func `requests get the replies of their run, and its error`() async throws {
        let running = Task {
            await groups.run { requests in
                if requests.contains(7) { throw Refused() }
                return requests.map { $0 * 2 }
            }
        }
        defer { running.cancel() }

        #expect(try await groups.reply(to: 3) == 6)
        await #expect(throws: Refused.self) { try await groups.reply(to: 7) }
    }

    @Test func `after the end of the run, a request is refused and waits for nobody`() async {
        let running = Task { await groups.run { $0 } }
        running.cancel()
        await running.value

        await #expect(throws: CancellationError.self) { try await groups.reply(to: 1) }
    }

    private struct Refused: Error {}
}
