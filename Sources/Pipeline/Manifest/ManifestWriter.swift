import SystemPackage
import Threads
import Watch

/// Keeps the manifest's two files in step with the ledger. It writes the journal at once. It writes the snapshot at
/// most every `manifest.interval`, and never for more than a tenth of the time.
package actor ManifestWriter<C: Clock> where C.Duration == Duration {
    /// The journal is replaced when it has more than this many lines for each row.
    static var linesAnEntry: Int { 4 }

    /// The shortest time between two replacements of a journal that grows. Those who follow the journal look more often
    /// (``JournalReader/pause``), and so miss no file.
    static var replacementPause: Duration { .seconds(2) }

    /// The shortest time between two appends to the journal. Each costs an fsync, however many lines it has.
    static var appendPause: Duration { .milliseconds(10) }

    private var plan: ManifestPlan
    private let source: any ManifestSource
    private let bookkeeping: Bookkeeping<C>
    private let book: Bookkeeping<C>.Book
    private let clock: C
    /// Rings when the ledger has changes that the files lack.
    package nonisolated let bell = Doorbell()
    /// Lets one caller at a time write: ``run()``, ``flush()`` or ``apply(_:)``.
    private let turns = Turns()
    private var journal: Journal?
    private var written: Int64? {
        didSet {
            let revision = written ?? -1
            shown.change { $0 = revision }
        }
    }
    /// ``written``, for those who wait for it; -1 for nil.
    private let shown = Monitor<Int64>(-1)
    /// The ledger has no change any more up to this revision.
    private var pruned: Int64 = 0
    /// What was noted of both files; nil before the first look.
    private var published: PublishedFiles??
    /// Whether the note is of the snapshot in place.
    private var isNoted = false
    /// How many rows the ledger had when they were counted last. They are counted when that may matter.
    private var rows = 0
    private var pace: SnapshotPace<C.Instant>
    /// Whether somebody waits for a snapshot that was not begun yet.
    private var isAwaited = false
    /// The journal is not appended to again before. Nil: at once.
    private var nextAppend: C.Instant?
    /// Called when the journal has new lines.
    private let told: @Sendable () -> Void
    /// When the journal may be replaced again because it has grown. Nil: at once.
    private var nextReplacement: C.Instant?

    package init(
        plan: ManifestPlan,
        source: any ManifestSource,
        bookkeeping: Bookkeeping<C>,
        book: Bookkeeping<C>.Book = .manifest,
        clock: C,
        told: @escaping @Sendable () -> Void = {}
    ) {
        self.told = told
        self.plan = plan
        self.source = source
        self.bookkeeping = bookkeeping
        self.book = book
        self.clock = clock
        pace = SnapshotPace(interval: plan.interval, at: clock.now)
    }

    /// Works until the task is cancelled. Writes both files at the start, unless they are as this ledger's last process
    /// left them. While they cannot be written, ``Bookkeeping`` is closed.
    package func run() async {
        let loop = Loops.join("writing the \(book.rawValue)") { [bell] in bell.ring() }
        defer { loop.leave() }
        while !Task.isCancelled {
            do {
                let next = try await loop.step {
                    try await bookkeeping.durably(on: book) {
                        try await step()
                        return try await isBehind ? nextSnapshot : clock.now.advanced(by: Schedules.manifestFiles)
                    }
                }
                await bell.wait(until: next, clock: clock)
                // The changes of a busy time share an append.
                if let nextAppend { try await rest(until: nextAppend, clock: clock) }
            } catch {
                return
            }
        }
    }

    /// Writes other files from now on, or writes them in another way. The old files stay as they are.
    package func apply(_ plan: ManifestPlan) async {
        guard plan != self.plan else { return }
        await turns.run {
            self.plan = plan
            journal = nil
            written = nil
            pruned = 0
            pace = SnapshotPace(interval: plan.interval, at: clock.now)
        }
        bell.ring()
    }

    /// The newest revision that the journal has; nil before the first look at it.
    package var writtenRevision: Int64? { journal?.revision }

    /// Waits until the snapshot is there and shows what the ledger has by now. ``run()`` writes it, without waiting for
    /// the interval.
    package func catchUp() async throws {
        let wanted = try await source.revision()
        try await turns.run {
            if try await isTakenAway { written = nil }
            isAwaited = isAwaited || written.map { $0 < wanted } ?? true
        }
        bell.ring()
        try await shown.wait { $0 >= wanted }
    }

    /// Brings both files up to the ledger's newest revision, at the end of a pass or of the service.
    package func flush() async throws {
        try await turns.run {
            try await follow()
            if try await isBehind { try await writeSnapshot() }
            try await prune()
            try await notePublished()
        }
    }

    /// Does the work that is due: the journal, and the snapshot at its time.
    func step() async throws {
        try await turns.run {
            try await follow()
            if clock.now >= nextSnapshot, try await isBehind {
                try await writeSnapshot()
                try await prune()
            }
        }
    }

    /// When the next snapshot may be written.
    private var nextSnapshot: C.Instant { isAwaited ? pace.earliest : pace.next }

    /// Whether the snapshot lacks changes that the journal has, or was taken away.
    private var isBehind: Bool {
        get async throws {
            guard let written, written >= journal?.revision ?? 0 else { return true }
            return try await isTakenAway
        }
    }

    private var isTakenAway: Bool {
        get async throws {
            let snapshot = plan.snapshot
            return try await offPool { FileStatus.isGone((try? snapshot.followingLinks()) ?? snapshot) }
        }
    }

    /// Notes both files as they are, for the next start.
    private func notePublished() async throws {
        guard !isNoted, let journal, let written, written == journal.revision else { return }
        let plan = plan
        let now = try await offPool { PublishedFiles(plan, revision: written, journal: journal) }
        guard let now else { return }
        try await source.notePublished(now)
        published = now
        isNoted = true
    }

    private func writeSnapshot() async throws {
        let clock = clock
        isNoted = false
        isAwaited = false
        pace.begin(at: clock.now)
        let steps = Mutex(pace)
        written = try await SnapshotFile.write(plan, from: source) { steps.withLock { $0.step(at: clock.now) } }
        pace = steps.withLock { $0 }
        pace.end(at: clock.now)
        // Rows may have been forgotten since.
        rows = try await source.rowCount()
    }

    /// Appends the ledger's newer changes to the journal.
    private func follow() async throws {
        var journal = try await openJournal()
        while true {
            let current = journal
            let changes = try await source.changes(after: current.revision, limit: Journal.batch)
            if changes.isEmpty { break }
            try await offPool { try current.append(changes) }
            nextAppend = clock.now.advanced(by: Self.appendPause)
            CrashPoint.journalAppended.reached()
            told()
            if current.revision - pruned >= Journal.batch { try await prune() }
            if changes.count < Journal.batch { break }
        }
        let isDue = nextReplacement.map { clock.now >= $0 } ?? true
        guard isDue, journal.lines > rows * Self.linesAnEntry else { return }
        rows = try await source.rowCount()
        if rows > 0, journal.lines > rows * Self.linesAnEntry {
            journal = try await replaceJournal(completing: journal)
            nextReplacement = clock.now.advanced(by: Self.replacementPause)
        }
    }

    /// Lets the ledger forget the changes that the journal has.
    ///
    /// That costs a commit. So it is done for many changes, with the snapshot, and at the end. Changes that the ledger
    /// still has after a crash are not appended again.
    private func prune() async throws {
        guard let revision = journal?.revision, revision > pruned else { return }
        try await source.pruneChanges(through: revision)
        pruned = revision
        CrashPoint.journalPruned.reached()
    }

    /// The journal, opened on first use.
    ///
    /// It is replaced if the ledger's changes do not follow its last line: it was removed, belongs to another ledger,
    /// lacks changes that the ledger has pruned, or has revisions of another numbering.
    private func openJournal() async throws -> Journal {
        let numbering = try await source.numbering()
        guard numbering.now == numbering.ofJournal else {
            written = nil
            pruned = 0
            published = .some(nil)
            let opened = try await replaceJournal(completing: nil)
            try await source.noteJournal(of: numbering.now)
            return opened
        }
        if let journal, journal.isInPlace { return journal }
        let plan = plan
        let known = try await recognized()
        let opened = try await offPool { try Journal(plan.journal, mode: plan.mode, known: known) }
        let newest = try await source.revision()
        let oldest = try await source.oldestChange() ?? newest + 1
        pruned = oldest - 1
        if opened.revision <= newest, oldest <= opened.revision + 1 {
            journal = opened
            return opened
        }
        return try await replaceJournal(completing: nil)
    }

    /// What was noted of both files, at the first look. Takes the snapshot for written if it is still that file.
    private func recognized() async throws -> PublishedFiles? {
        guard published == nil else { return nil }
        let known = try await source.published()
        published = .some(known)
        let plan = plan
        guard let known, known.isWritten(as: plan) else { return nil }
        if try await offPool({ PublishedFiles.version(ofSnapshot: plan) }) == known.snapshot {
            written = known.revision
            isNoted = true
        }
        return known
    }

    /// Replaces the journal atomically by one line a row.
    private func replaceJournal(completing old: Journal?) async throws -> Journal {
        try await Journal.replace(plan, from: source, completing: old)
        let plan = plan
        let opened = try await offPool { try Journal(plan.journal, mode: plan.mode) }
        journal = opened
        try await prune()
        return opened
    }
}
