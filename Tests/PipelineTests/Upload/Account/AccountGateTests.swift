import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct AccountGateTests {
    private typealias Gate = AccountGate<ManualClock.Instant>

    /// A gate that was closed at `begin`.
    private func closed(for kind: ProviderError.Kind, on side: RequestSide = .api) -> Gate {
        var gate = Gate()
        _ = gate.close(for: kind, on: side, begun: begin, at: begin)
        return gate
    }

    private func after(_ seconds: Int) -> ManualClock.Instant { begin.advanced(by: .seconds(seconds)) }

    @Test func `a new gate lets all through`() {
        #expect(Gate().admits(at: begin) == .all)
        #expect(Gate().isOpen)
    }

    @Test func `only what concerns the whole account closes it`() {
        let blocking: [ProviderError.Kind] = [
            .throttled(nil), .throttled(.seconds(1)), .refusedKey, .refusedHost, .quota, .unreachable,
        ]
        let others: [ProviderError.Kind] = [
            .transient, .expiredTicket, .refusedTicket, .refusedFile, .interruptedBody, .unexpectedAnswer, .cancelled,
        ]

        #expect(blocking.allSatisfy { Gate.blocks($0) })
        #expect(!others.contains { Gate.blocks($0) })
    }

    @Test(arguments: [(ProviderError.Kind.unreachable, 1), (.refusedKey, 60), (.refusedHost, 60), (.quota, 60)])
    func `a closed gate lets one through after the first pause`(kind: ProviderError.Kind, seconds: Int) {
        let gate = closed(for: kind)
        let until = after(seconds)

        #expect(!gate.isOpen)
        #expect(gate.admits(at: begin) == .none(until: until))
        #expect(gate.admits(at: until) == .one)
    }

    @Test func `while a probe is out, none goes, and who waits is never told a moment that has gone by`() {
        var gate = closed(for: .unreachable)
        gate.probe()

        for seconds in [1, 60, 61, 3600] {
            guard case .none(let until) = gate.admits(at: after(seconds)) else {
                Issue.record("admitted beside the probe after \(seconds) s")
                continue
            }
            #expect(until > after(seconds))
        }
    }

    @Test(arguments: [
        (ProviderError.Kind.unreachable, [1, 2, 4, 8, 16, 32, 60, 60]),
        (.quota, [60, 120, 240, 480, 960, 1920, 3600, 3600]),
    ])
    func `pauses grow with each probe that fails, up to the longest`(kind: ProviderError.Kind, pauses: [Int]) {
        var gate = Gate()
        var now = begin
        for seconds in pauses {
            let until = gate.close(for: kind, on: .api, begun: now, at: now)
            now = now.advanced(by: .seconds(seconds))
            #expect(until == now)
            #expect(gate.admits(at: now) == .one)
            gate.probe()
        }
    }

    @Test func `files that were under way when it closed do not make the pause longer`() {
        var gate = closed(for: .unreachable)
        gate.probe()

        #expect(gate.close(for: .unreachable, on: .api, begun: begin, at: after(2)) == after(3))
        #expect(gate.failures == 1)
        #expect(gate.admits(at: after(9)) == .none(until: after(69)), "the probe is still out")
    }

    @Test func `after it was opened the pauses begin anew`() {
        var gate = closed(for: .unreachable)
        for second in 1...5 {
            gate.probe()
            _ = gate.close(for: .unreachable, on: .api, begun: after(second * 100), at: after(second * 100))
        }
        #expect(gate.failures == 6)

        let opened = gate.open()
        let openedAgain = gate.open()
        #expect(opened)
        #expect(!openedAgain)
        #expect(gate.close(for: .unreachable, on: .api, begun: after(900), at: after(900)) == after(901))
    }

    @Test(arguments: [ProviderError.Kind.throttled(.seconds(1)), .refusedKey, .quota, .unreachable])
    func `a success of the side where the cause was met opens it, one of the other side does not`(
        kind: ProviderError.Kind
    ) {
        for (side, other) in [(RequestSide.api, RequestSide.storage), (.storage, .api)] {
            var gate = closed(for: kind, on: side)

            let byOther = gate.noteSuccess(of: other, begun: after(1))
            #expect(!byOther && !gate.isOpen)
            let bySame = gate.noteSuccess(of: side, begun: after(1))
            #expect(bySame && gate.isOpen)
        }
    }

    @Test func `what was under way when the cause was met does not open it`() {
        var gate = Gate()
        _ = gate.close(for: .refusedKey, on: .api, begun: begin, at: after(5))

        let opened = gate.noteSuccess(of: .api, begun: after(5))
        #expect(!opened && !gate.isOpen)
    }

    @Test(arguments: [
        (ProviderError.Kind.unreachable, true), (.throttled(nil), false), (.refusedKey, false), (.quota, false),
    ])
    func `mere contact disproves that a side cannot be reached, and nothing else`(
        kind: ProviderError.Kind,
        disproves: Bool
    ) {
        var gate = closed(for: kind, on: .storage)

        let byOther = gate.noteContact(with: .api, begun: after(1))
        #expect(!byOther && !gate.isOpen)
        let opened = gate.noteContact(with: .storage, begun: after(1))
        #expect(opened == disproves && gate.isOpen == disproves)
    }

    @Test func `where neither side could be reached, both have to show themselves, and it is one cause`() {
        var gate = closed(for: .unreachable)
        gate.probe()
        #expect(gate.close(for: .unreachable, on: .storage, begun: after(1), at: after(1)) == after(3))

        let first = gate.noteSuccess(of: .api, begun: after(3))
        #expect(!first && !gate.isOpen)
        let second = gate.noteContact(with: .storage, begun: after(3))
        #expect(second && gate.isOpen)
    }

    @Test(arguments: [ProviderError.Kind.unreachable, .refusedKey])
    func `a failure that comes late, after a later request went well, closes nothing`(kind: ProviderError.Kind) {
        var gate = Gate()
        _ = gate.noteSuccess(of: .api, begun: after(2))

        #expect(gate.close(for: kind, on: .api, begun: after(1), at: after(9)) == nil)
        #expect(gate.isOpen)
        #expect(gate.close(for: kind, on: .api, begun: after(3), at: after(9)) != nil)
    }

    @Test func `a rate limit lasts as long as the server says, then all go without a probe`() {
        let gate = closed(for: .throttled(.seconds(7)))

        #expect(gate.isThrottled)
        #expect(gate.until == after(7))
        #expect(gate.admits(at: after(6)) == .none(until: after(7)))
        #expect(gate.admits(at: after(7)) == .all)
    }

    @Test func `a rate limit without a time lasts a minute`() {
        #expect(closed(for: .throttled(nil)).until == after(60))
    }

    @Test func `a probe that tells nothing makes room for the next one at once`() {
        var gate = closed(for: .unreachable)
        gate.probe()
        gate.probeEnded()

        #expect(gate.admits(at: after(1)) == .one)
    }

    @Test func `a connection that breaks after the key was refused does not make the wait shorter`() {
        var gate = closed(for: .refusedKey)

        _ = gate.close(for: .unreachable, on: .storage, begun: begin.advanced(by: .seconds(-9)), at: after(1))

        #expect(gate.admits(at: after(59)) == .none(until: after(60)))
    }

    @Test func `another cause takes the place of the first`() {
        var gate = closed(for: .unreachable)

        #expect(gate.close(for: .refusedKey, on: .api, begun: begin, at: begin) == after(60))
        #expect(gate.admits(at: after(1)) == .none(until: after(60)))
    }
}
