import TestSupport
import Testing

@testable import Pipeline

@Suite struct PieceSharesTests {
    @Test func `one account alone has all of it`() {
        var shares = PieceShares(capacity: 12)
        shares.begin("a")

        #expect(shares.reserve(4, for: "a") == true)
        #expect(shares.reserve(4, for: "a") == true)
        #expect(shares.reserve(4, for: "a") == true)
        #expect(shares.reserve(1, for: "a") == false)
    }

    @Test func `an account that others have joined keeps what it has, and gets no more than its share`() {
        var shares = PieceShares(capacity: 12)
        shares.begin("a")
        for _ in 0..<3 { #expect(shares.reserve(4, for: "a") == true) }
        shares.begin("b")

        #expect(shares.reserve(4, for: "b") == false)
        shares.giveBack(4, of: "a")
        #expect(shares.reserve(4, for: "a") == false, "a third of it is free, and this is the other one's")
        #expect(shares.reserve(4, for: "b") == true)
        shares.giveBack(4, of: "a")
        #expect(shares.reserve(4, for: "a") == false, "four and four are more than half")
        shares.giveBack(4, of: "a")
        #expect(shares.reserve(4, for: "a") == true)
        shares.end("b")
        #expect(shares.reserve(4, for: "a") == true, "alone again")
    }

    @Test func `a piece that is longer than the share goes where there is room`() {
        var shares = PieceShares(capacity: 12)
        for account in ["a", "b", "c", "d"] { shares.begin(account) }

        for account in ["a", "b", "c"] { #expect(shares.reserve(4, for: account) == true) }
        #expect(shares.reserve(4, for: "d") == false)
        #expect(shares.reserve(4, for: "a") == false)
        shares.giveBack(4, of: "a")
        #expect(shares.reserve(4, for: "d") == true)
    }

    @Test func `never more is out than there is, and whoever has more than a piece has no more than its share`() {
        var random = SeededGenerator()
        for _ in 0..<100 {
            var shares = PieceShares(capacity: 100)
            var files: [String: Int] = [:]
            for _ in 0..<200 {
                let account = ["a", "b", "c"][Int.random(in: 0..<3, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    shares.begin(account)
                    files[account, default: 0] += 1
                case 1 where files[account, default: 0] > 0:
                    shares.end(account)
                    files[account, default: 0] -= 1
                case 2:
                    shares.giveBack(Int64.random(in: 0...(shares.held[account] ?? 0), using: &random), of: account)
                default:
                    let bytes = Int64.random(in: 1...60, using: &random)
                    let before = shares.held[account] ?? 0
                    let senders = Int64(max(1, files.values.count { $0 > 0 }))
                    if shares.reserve(bytes, for: account), before > 0 {
                        #expect(before + bytes <= 100 / senders, "seed \(random.seed)")
                    }
                }
                #expect(shares.held.values.reduce(0, +) <= 100, "seed \(random.seed)")
            }
        }
    }
}
