import Testing

@testable import Pipeline

@Suite struct WaitOutlookTests {
    private func cause(
        _ state: FileState,
        _ stored: WaitCause?,
        account: String? = "main",
        folder: String? = "inbox",
        in outlook: WaitOutlook = WaitOutlook()
    ) -> WaitCause {
        outlook.cause(of: StoredWait(account: account, state: state, cause: stored), in: folder)
    }

    @Test func `a file's own cause counts while its account is open`() {
        #expect(cause(.queued, nil) == .slot)
        for own in WaitCause.allCases where !own.isOfAccount || own == .noAccount {
            #expect(cause(.queued, own) == own)
        }
    }

    @Test func `a cause of the account that the file met once counts no more when the account is open`() {
        for former in WaitCause.allCases where former.isOfAccount && former != .noAccount {
            #expect(cause(.queued, former) == .slot)
        }
    }

    @Test func `without a service, the cause that the file met last is what is known`() {
        for stored in WaitCause.allCases { #expect(cause(.queued, stored, in: .ofLedger) == stored) }
        #expect(cause(.queued, nil, in: .ofLedger) == .slot)
    }

    @Test func `a blocked account keeps all its queued files, and no other account's`() {
        let outlook = WaitOutlook(blocked: ["main": .quota])
        for own in [nil, WaitCause.retry, .keyRefused] { #expect(cause(.queued, own, in: outlook) == .quota) }
        #expect(cause(.queued, .retry, account: "other", in: outlook) == .retry)
        #expect(cause(.settling, nil, account: nil, in: outlook) == .settling)
        #expect(cause(.settling, .heldOpen, in: outlook) == .heldOpen)
    }

    @Test func `what a person paused waits for that, whatever else it waits for`() {
        var outlook = WaitOutlook(blocked: ["main": .quota])
        outlook.pausedAccounts = ["main"]
        outlook.pausedFolders = ["reels"]
        #expect(cause(.queued, .retry, in: outlook) == .paused)
        #expect(cause(.queued, nil, account: "other", folder: "reels", in: outlook) == .paused)
        #expect(cause(.queued, nil, account: "other", in: outlook) == .slot)
        #expect(cause(.settling, nil, folder: "reels", in: outlook) == .settling)
    }

    @Test func `while nothing can be recorded, that is what queued files wait for`() {
        let outlook = WaitOutlook(blocked: ["main": .quota], areRecordsClosed: true)
        #expect(cause(.queued, nil, in: outlook) == .recordsClosed)
        #expect(cause(.settling, .heldOpen, in: outlook) == .heldOpen)
    }
}

@Suite struct RateMeterTests {
    private let begin = ContinuousClock.now

    private func after(_ seconds: Double) -> ContinuousClock.Instant { begin.advanced(by: .seconds(seconds)) }

    @Test func `a rate is of the last seconds alone`() {
        var meter = RateMeter(seconds: 10, at: begin)
        for second in 0..<30 { meter.add(100, at: after(Double(second))) }
        #expect(meter.perSecond(at: after(29.5)) == 100)
        #expect(meter.sum(at: after(29.5)) == 1000)
        #expect(meter.perSecond(at: after(34.5)) == 50)
        #expect(meter.perSecond(at: after(60)) == 0)
    }

    @Test func `in the first seconds a rate is over the time that passed, and never over less than one`() {
        var meter = RateMeter(seconds: 10, at: begin)
        meter.add(100, at: begin)
        #expect(meter.perSecond(at: after(0.1)) == 100)
        #expect(meter.perSecond(at: after(4)) == 25)
    }

    @Test func `bytes that have to go again are taken off, and no rate is negative`() {
        var meter = RateMeter(seconds: 10, at: begin)
        meter.add(100, at: begin)
        meter.add(-150, at: after(1))
        #expect(meter.perSecond(at: after(2)) == 0)
    }
}
