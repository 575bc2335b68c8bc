import Testing

@testable import Pipeline

/// How often one try asks; each ask that comes to nothing leaves an asset without bytes.
struct AskingRuleTests {
    /// Asks until the rule says no, each ticket being refused for this.
    private func asks(attempts: Int, _ kind: ProviderError.Kind, left: Bool = false) -> Int {
        var rule = AskingRule(attempts: attempts)
        var asks = 0
        // What an earlier try left is refused first.
        if left, !rule.asksAgain(after: kind) { return 0 }
        repeat {
            rule.noteAsk()
            asks += 1
        } while rule.asksAgain(after: kind) && asks < 100
        return asks
    }

    @Test func `the first try asks three times more where URLs are too old`() {
        #expect(asks(attempts: 0, .expiredTicket) == 4)
    }

    @Test(arguments: 1...20)
    func `later tries ask once`(attempts: Int) {
        #expect(asks(attempts: attempts, .expiredTicket) == 1)
        #expect(
            asks(attempts: attempts, .expiredTicket, left: true) == 1,
            "an old ticket that has run out is no refusal"
        )
    }

    @Test func `a refused signature is asked for anew once by the first try, and by no later one`() {
        #expect(asks(attempts: 0, .refusedTicket) == 2)
        #expect(asks(attempts: 0, .refusedTicket, left: true) == 1)
        #expect(asks(attempts: 3, .refusedTicket) == 1)
        #expect(asks(attempts: 3, .refusedTicket, left: true) == 1, "what an earlier try left is no ask")
    }

    @Test(arguments: [ProviderError.Kind.refusedFile, .refusedHost])
    func `a refused file or host is not asked for again`(kind: ProviderError.Kind) {
        #expect(asks(attempts: 0, kind) == 1)
    }
}
