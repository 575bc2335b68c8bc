import Threads
import Watch

/// What the jobs of one account share.
struct AccountServices<C: Clock>: Sendable where C.Duration == Duration {
    /// Private, because its provider knows no pace. See ``provider(report:)``.
    private let plan: AccountPlan
    let queue: any FileQueue
    let book: any AssetBook
    /// Wakes the account's lane.
    let bell: Doorbell
    let flights: Flights
    /// ``PacedProvider`` waits for it before each call to the API.
    let pacer: Pacer<C>
    /// Records API calls for later processes.
    let paceBook: PaceBook?
    /// Bounds how fast bytes go out; nil for no bound.
    let turns: BandwidthTurns<C>?
    let memory: PieceMemory
    let disks: SourceDisks
    let bookkeeping: Bookkeeping<C>
    let clock: C
    let observer: PipelineObserver
    /// What is under way now.
    let board: UploadBoard
    /// The folder that a file belongs to, in the configuration in force.
    let watched: @Sendable (MediaFile) -> WatchedFolder?
    /// What becomes of an uploaded file under the configuration in force.
    let afterUpload: @Sendable (MediaFile) -> AfterUpload
    /// Called when a file's departure was recorded.
    let departing: @Sendable (MediaFile) -> Void
    /// Called when an answer shows a change of account: the same as an older one, or another.
    let changed: @Sendable (AccountChange) -> Void
    /// The account's contents at all hosts of a fleet; nil for a host of its own.
    let index: (any SharedIndex)?

    init(
        plan: AccountPlan,
        queue: any FileQueue,
        book: any AssetBook,
        pacer: Pacer<C>? = nil,
        paces: (any PaceRecord)? = nil,
        turns: BandwidthTurns<C>? = nil,
        memory: PieceMemory,
        disks: SourceDisks = SourceDisks(),
        bookkeeping: Bookkeeping<C>,
        clock: C,
        observer: @escaping PipelineObserver,
        board: UploadBoard = UploadBoard(),
        watched: @escaping @Sendable (MediaFile) -> WatchedFolder? = { _ in nil },
        afterUpload: @escaping @Sendable (MediaFile) -> AfterUpload = { _ in .keep },
        departing: @escaping @Sendable (MediaFile) -> Void = { _ in },
        changed: @escaping @Sendable (AccountChange) -> Void = { _ in },
        index: (any SharedIndex)? = nil
    ) {
        let bell = Doorbell()
        self.bell = bell
        flights = Flights(bell: bell)
        self.plan = plan
        self.queue = queue
        self.book = book
        self.turns = turns
        self.memory = memory
        self.disks = disks
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.observer = observer
        self.board = board
        self.watched = watched
        self.afterUpload = afterUpload
        self.departing = departing
        self.changed = changed
        self.index = index
        self.pacer = pacer ?? Pacer(rates: plan.rate, writeRates: plan.writeRate, clock: clock)
        let pace = plan.identity.pace
        paceBook = paces.map { record in
            PaceBook(
                load: { try await bookkeeping.durably { try await record.reservations(of: pace) } },
                reserve: { reservation, time in
                    try await bookkeeping.durably {
                        try await record.reserve(reservation, of: pace, forgettingBefore: time)
                    }
                }
            )
        }
    }

    /// The account's name in the configuration.
    var name: String { plan.name }
    /// `provider:` of the configuration, as the manifest shows it.
    var providerName: String { plan.providerName }
    /// How many files go up at a time.
    var concurrency: Int { plan.concurrency }

    /// The account's provider. The one way to it: every call waits for the pace, and reports how it ended.
    func provider(
        report: @escaping @Sendable (RequestReport<C.Instant>) async -> Void
    ) -> PacedProvider<C> {
        PacedProvider(plan.provider, of: self, report: report)
    }

    /// Does ledger work until it succeeds. See ``Bookkeeping/durably(on:_:)``.
    func durably<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        try await bookkeeping.durably(work)
    }
}
