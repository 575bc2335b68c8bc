import Threads

/// Makes an account's API calls wait for their ``Pace`` and its ``PaceShare``, in order of arrival.
///
/// Reads and writes stand in one line. ``StatusWatch`` makes its reads one at a time. So at most one of them stands
/// before an ask.
///
/// That alone is not enough, because a read ends long before an upload does. After a spent window, the reads of a few
/// processing images could take most calls of the burst. So reads take at most half of the calls while files are asked
/// for.
actor Pacer<C: Clock> where C.Duration == Duration {
    enum Call {
        case read
        /// It creates or changes something.
        case write
    }

    private struct Waiter {
        let number: Int
        let call: Call
        let account: String
        /// How many hosts share the rates, this one among them.
        let sharers: Int
        /// Rings when its turn may come earlier than computed.
        let bell = Doorbell()
    }

    private var all: Pace<C.Instant>
    private var writes: Pace<C.Instant>
    private var reads: Pace<C.Instant>
    private var lastWrite: C.Instant?
    private var share = PaceShare<C.Instant>()
    private var heldUntil: C.Instant?
    private var line: [Waiter] = []
    private var newest = 0
    private let clock: C
    private var rates: [CallRate]
    private var writeRates: [CallRate]
    private var reserve: PaceReserve
    private var isRestored = false
    /// Lets one task at a time read or write the record.
    private let turns = Turns()

    init(rates: [CallRate], writeRates: [CallRate], clock: C) {
        all = Pace(rates)
        writes = Pace(writeRates)
        reads = Pace(rates)
        reserve = PaceReserve(rates, writeRates: writeRates)
        self.rates = rates
        self.writeRates = writeRates
        self.clock = clock
    }

    /// Changes the rates. Calls that were made stay counted.
    func keep(rates: [CallRate], writeRates: [CallRate]) {
        guard rates != self.rates || writeRates != self.writeRates else { return }
        all.keep(rates)
        writes.keep(writeRates)
        reads.keep(rates)
        reserve = PaceReserve(rates, writeRates: writeRates)
        self.rates = rates
        self.writeRates = writeRates
        for waiter in line { waiter.bell.ring() }
    }

    /// Returns when the next call may be made. Counts the call and, with a book, records it first.
    ///
    /// Calls that earlier processes recorded in the book also count. `sharers` hosts share the rates, and this one
    /// keeps to its part.
    ///
    /// - Throws: `CancellationError`, if the task is cancelled while it waits in line: the call does not count then.
    ///   Errors of the book.
    func wait(for call: Call, of account: String = "", book: PaceBook? = nil, sharers: Int = 1) async throws {
        if let book { try await restore(from: book) }
        try await waitInLine(for: call, of: account, sharers)
        if let book { try await record(call, in: book) }
    }

    private func restore(from book: PaceBook) async throws {
        guard !isRestored else { return }
        try await turns.run {
            guard !isRestored else { return }
            let recorded = try await book.load()
            let (now, time) = (clock.now, Timestamp.steady())
            for reservation in PaceReserve.latest(recorded, now: time) {
                let since = Duration.milliseconds(time.milliseconds - reservation.at.milliseconds)
                let moment = now.advanced(by: .zero - since)
                for _ in 0..<reservation.calls {
                    all.restore(moment)
                    if reservation.areWrites { writes.restore(moment) }
                }
            }
            isRestored = true
        }
    }

    private func record(_ call: Call, in book: PaceBook) async throws {
        try await turns.run {
            while let next = reserve.next(isWrite: call == .write, at: .steady()) {
                let longest = (rates + writeRates).map(\.window).max() ?? .zero
                try await book.reserve(next, next.at.advanced(by: .zero - longest))
                reserve.add(next)
            }
        }
    }

    private func waitInLine(for call: Call, of account: String, _ sharers: Int) async throws {
        newest += 1
        let waiter = Waiter(number: newest, call: call, account: account, sharers: max(1, sharers))
        line.append(waiter)
        defer { line.removeAll { $0.number == waiter.number } }
        while true {
            try Task.checkCancellation()
            let now = clock.now
            let start = start(of: waiter, at: now)
            if start <= now {
                count(call, at: now)
                return
            }
            // A larger share may allow the call earlier.
            await waiter.bell.wait(until: min(start, share.nextStep(after: now) ?? start), clock: clock)
        }
    }

    /// Notes that a call made at `begun`, after ``wait(for:of:book:)``, was just answered or failed. The server may
    /// have counted it as late as now.
    func answered(_ call: Call, madeAt begun: C.Instant) {
        let now = clock.now
        all.answered(begun, at: now)
        switch call {
        case .read: reads.answered(begun, at: now)
        case .write: writes.answered(begun, at: now)
        }
    }

    /// Notes that a call made at `begun` was refused: too many calls, or an overloaded server.
    ///
    /// If `hold` is given, no further call is made before it. Calls in line need this, because they have passed the
    /// account's gate already.
    func refuse(callMadeAt begun: C.Instant, hold: C.Instant?) {
        let now = clock.now
        if let hold { heldUntil = max(hold, heldUntil ?? hold) }
        share.refuse(callMadeAt: begun, at: now, quiet: heldUntil ?? now)
    }

    /// Ends the hold early: the key changed, or somebody wants to know.
    func release() {
        heldUntil = nil
        for waiter in line { waiter.bell.ring() }
    }

    /// How many writing calls could be made at once, behind those that stand in line.
    var callsNow: Int {
        let now = clock.now
        if let heldUntil, heldUntil > now { return 0 }
        let sixteenths = share.sixteenths(at: now)
        let free = min(all.free(at: now, sixteenths: sixteenths), writes.free(at: now, sixteenths: sixteenths))
        return max(0, free - line.count)
    }

    /// How many calls of an account stand in line.
    func waiting(of account: String) -> Int { line.count { $0.account == account } }

    /// How long no call is made, of any account that shares this pacer.
    var hold: Duration { heldUntil.map { max(.zero, clock.now.duration(to: $0)) } ?? .zero }

    /// The account's rates, each with the calls that count at present.
    var conditions: [AccountCondition.Rate] {
        all.conditions(at: clock.now) + writes.conditions(at: clock.now)
    }

    /// The share of the rates in use now, in sixteenths.
    var sixteenths: Int { share.sixteenths(at: clock.now) }

    private func count(_ call: Call, at now: C.Instant) {
        all.record(now)
        switch call {
        case .read: reads.record(now)
        case .write:
            writes.record(now)
            lastWrite = now
        }
    }

    /// Whether files are asked for: an ask stands in line, or was made within the last minute. Providers count over a
    /// minute.
    private func areFilesAsked(at now: C.Instant) -> Bool {
        line.contains { $0.call == .write } || lastWrite.map { now < $0.advanced(by: .seconds(60)) } ?? false
    }

    /// When a waiter's turn comes, if the calls before it go at theirs.
    private func start(of waiter: Waiter, at now: C.Instant) -> C.Instant {
        let sixteenths = share.sixteenths(at: now) / waiter.sharers
        let base = max(now, heldUntil ?? now)
        var all = all
        var writes = writes
        var reads = reads
        let readable = areFilesAsked(at: now) ? sixteenths / 2 : sixteenths
        for next in line {
            let turn = all.earliest(at: base, sixteenths: sixteenths)
            let start =
                switch next.call {
                case .read: reads.earliest(at: turn, sixteenths: readable)
                case .write: writes.earliest(at: turn, sixteenths: sixteenths)
                }
            if next.number == waiter.number { return start }
            switch next.call {
            case .read: reads.record(start)
            case .write: writes.record(start)
            }
            // A call held up by its kind's own rates lets others pass meanwhile.
            if start == turn { all.record(turn) }
        }
        return base
    }
}
