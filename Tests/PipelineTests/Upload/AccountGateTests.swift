import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite struct AccountGateTests {
    private typealias Gate = AccountGate<ManualClock.Instant>

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
        var gate = Gate()
        let until = gate.close(for: kind, at: begin)

        #expect(until == after(seconds))
        #expect(!gate.isOpen)
        #expect(gate.admits(at: begin) == .none(until: until))
        #expect(gate.admits(at: until) == .one)
    }

    @Test func `while a probe is out, none goes, and who waits is never told a moment that has gone by`() {
        var gate = Gate()
        _ = gate.close(for: .unreachable, at: begin)
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
            let until = gate.close(for: kind, at: now)
            #expect(until == now.advanced(by: .seconds(seconds)))
            now = until
            #expect(gate.admits(at: now) == .one)
            gate.probe()
        }
    }

    @Test func `files that were under way when it closed do not make the pause longer`() {
        var gate = Gate()
        let first = gate.close(for: .unreachable, at: begin)
        let second = gate.close(for: .unreachable, at: begin)

        #expect(first == second)
    }

    @Test func `after success the pauses begin anew`() {
        var gate = Gate()
        for _ in 0..<5 {
            _ = gate.close(for: .unreachable, at: begin)
            gate.probe()
        }

        let opened = gate.open()
        let openedAgain = gate.open()
        #expect(opened)
        #expect(!openedAgain)
        #expect(gate.close(for: .unreachable, at: begin) == after(1))
    }

    @Test func `a rate limit lasts as long as the server says, then all go without a probe`() {
        var gate = Gate()
        let until = gate.close(for: .throttled(.seconds(7)), at: begin)
        #expect(gate.isThrottled)
        #expect(gate.admits(at: after(6)) == .none(until: after(7)))
        #expect(until == after(7))

        #expect(gate.admits(at: until) == .all)
        gate.probe()
        #expect(gate.admits(at: until) == .all)
    }

    @Test func `a rate limit without a time lasts a minute`() {
        var gate = Gate()

        #expect(gate.close(for: .throttled(nil), at: begin) == after(60))
    }

    @Test func `a probe that tells nothing makes room for the next one at once`() {
        var gate = Gate()
        let until = gate.close(for: .unreachable, at: begin)
        gate.probe()
        gate.probeEnded()

        #expect(gate.admits(at: until) == .one)
    }

    @Test func `another cause takes the place of the first`() {
        var gate = Gate()
        _ = gate.close(for: .unreachable, at: begin)

        #expect(gate.close(for: .refusedKey, at: begin) == after(60))
        #expect(gate.admits(at: after(1)) == .none(until: after(60)))
    }
}
