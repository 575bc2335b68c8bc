/// Makes an account's API calls wait for their ``Pace`` and its ``PaceShare``, in the order they come.
///
/// Reads and writes stand in one line, and nobody goes before who came earlier except past a write that its own rates hold
/// up. ``StatusWatch`` makes its reads one at a time, so beside N files that wait to ask it has one place in N + 1: however
/// many images a burst leaves in processing, their reads cannot starve the asks.
actor Pacer<C: Clock> where C.Duration == Duration {
    enum Call {
        case read
        /// It creates or changes something.
        case write
    }

    private struct Waiter {
        let number: Int
        let call: Call
        /// Rings when it may be earlier than it was told.
        let bell = Doorbell()
    }

    private var all: Pace<C.Instant>
    private var writes: Pace<C.Instant>
    private var share = PaceShare<C.Instant>()
    private var heldUntil: C.Instant?
    private var line: [Waiter] = []
    private var count = 0
    private let clock: C

    init(rates: [CallRate], writeRates: [CallRate], clock: C) {
        all = Pace(rates)
        writes = Pace(writeRates)
        self.clock = clock
    }

    /// Returns when the next call may be made, and counts it.
    ///
    /// - Throws: `CancellationError`; the call does not count then.
    func wait(for call: Call) async throws {
        count += 1
        let waiter = Waiter(number: count, call: call)
        line.append(waiter)
        defer { line.removeAll { $0.number == waiter.number } }
        while true {
            try Task.checkCancellation()
            let now = clock.now
            let start = start(of: waiter, at: now)
            if start <= now {
                all.record(now)
                if call == .write { writes.record(now) }
                return
            }
            // When the share has grown, it may be earlier.
            await waiter.bell.wait(until: min(start, share.nextStep(after: now) ?? start), clock: clock)
        }
    }

    /// A call made at `begun` was refused because there were too many, or because the server is overloaded. No further one
    /// is made before `hold`, where that is given: who stands in line has passed the account's gate already.
    func refuse(callMadeAt begun: C.Instant, hold: C.Instant?) {
        let now = clock.now
        if let hold { heldUntil = max(hold, heldUntil ?? hold) }
        share.refuse(callMadeAt: begun, at: now, quiet: heldUntil ?? now)
    }

    /// The hold is over before its time: the key changed, or somebody wants to know.
    func release() {
        heldUntil = nil
        for waiter in line { waiter.bell.ring() }
    }

    /// The share of the rates that is used now, in sixteenths.
    var sixteenths: Int { share.sixteenths(at: clock.now) }

    /// When a waiter's turn is, if those before it go at their turns.
    private func start(of waiter: Waiter, at now: C.Instant) -> C.Instant {
        let sixteenths = share.sixteenths(at: now)
        let base = max(now, heldUntil ?? now)
        var all = all
        var writes = writes
        for next in line {
            var start = all.earliest(at: base, sixteenths: sixteenths)
            if next.call == .write {
                start = writes.earliest(at: start, sixteenths: sixteenths)
                writes.record(start)
            }
            if next.number == waiter.number { return start }
            all.record(start)
        }
        return base
    }
}
