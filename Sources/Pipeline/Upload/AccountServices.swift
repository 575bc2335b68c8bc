/// What the jobs of one account share.
struct AccountServices<C: Clock>: Sendable where C.Duration == Duration {
    let plan: AccountPlan
    let queue: any FileQueue
    let book: any AssetBook
    let flights = Flights()
    let pacer: Pacer<C>
    let memory: PieceMemory
    let bookkeeping: Bookkeeping<C>
    let clock: C
    let observer: PipelineObserver

    init(
        plan: AccountPlan,
        queue: any FileQueue,
        book: any AssetBook,
        memory: PieceMemory,
        bookkeeping: Bookkeeping<C>,
        clock: C,
        observer: @escaping PipelineObserver
    ) {
        self.plan = plan
        self.queue = queue
        self.book = book
        self.memory = memory
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.observer = observer
        pacer = Pacer(rates: plan.rate, writeRates: plan.writeRate, clock: clock)
    }

    /// Waits for the account's pace; called before each API request.
    func pace(_ call: Pacer<C>.Call) async throws {
        try await pacer.wait(for: call)
    }

    /// Does ledger work until it succeeds; see ``Bookkeeping/durably(on:_:)``.
    func durably<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        try await bookkeeping.durably(work)
    }
}

/// Makes API calls wait for their ``Pace``, in the order they come.
actor Pacer<C: Clock> where C.Duration == Duration {
    enum Call {
        case read
        /// It creates or changes something.
        case write
    }

    private var all: Pace<C.Instant>
    private var writes: Pace<C.Instant>
    private let clock: C

    init(rates: [CallRate], writeRates: [CallRate], clock: C) {
        all = Pace(rates)
        writes = Pace(writeRates)
        self.clock = clock
    }

    /// Returns when the next call may be made.
    ///
    /// - Throws: `CancellationError`; the reserved call is then lost, which errs on the slow side.
    func wait(for call: Call) async throws {
        let now = clock.now
        // Recorded only once both have their say: a call that `all` delays counts for `writes` when it is made.
        var start = all.earliest(at: now)
        if call == .write {
            start = writes.earliest(at: start)
            writes.record(start)
        }
        all.record(start)
        if start > now { try await clock.sleep(until: start, tolerance: nil) }
    }
}
