import Logging
import SystemPackage
import Threads

/// Watches one folder on a thread of its own. So a hung network disk holds up only its own folder.
///
/// One round takes what came in from inotify. Then it reads on for a while (`+Walk`) or polls one directory (`+Poll`).
/// Then it sends what it found out. The rules for events are in `+Events`, those for the folder's own path in `+Root`,
/// those for `.outtrayignore` files in `+Ignoring`.
///
/// The values that hold its rules: ``Scan``, ``LookTimes``, ``WatchTree``, ``Walk``, ``UnreadDirectories``,
/// ``EventBatch``.
struct FolderWatcher {
    /// How many entries are read, and how many events are sent, in one go.
    static let batchSize = 512
    /// How long a walk goes on before events are looked at.
    static let longestRound = Duration.milliseconds(5)
    /// How long found files may wait for more of them. So many small directories share a batch.
    static let longestGathering = Duration.milliseconds(50)
    /// How long after a directory has left its arrival at another place may be heard of. The kernel reports both in
    /// turn, and the first may be read alone.
    static let longestMove = Duration.milliseconds(100)

    let folder: WatchedFolder
    /// Nil if there is no inotify. Everything is polled then.
    let routes: WatchRoutes?
    /// Why there is no inotify.
    let inotifyFailure: Errno?
    let places: HeldPlaces
    let inbox: Inbox
    let channel: EventChannel
    let readiness: Latch
    let pulse: Pulse
    /// Why a directory cannot be read, for people; nil if it is not known.
    let explain: (FilePath) -> String?
    let report: (WatchReport) -> Void
    let logger: Logger
    /// For others who ask how the folder is watched.
    let gauge: WatchGauge

    let clock = ContinuousClock()
    var tree: WatchTree
    var walk = Walk()
    var batch = EventBatch()
    /// When the last batch was sent.
    private var lastHandOver: ContinuousClock.Instant
    /// Where the folder's path led to. Nil while the folder is not there.
    var root: Root?
    /// What the folder was on when it was last in its place; nil before the first time.
    var home: Home?
    /// Whether other file systems were mounted beneath the folder when the last scan began.
    var hasMounts = false
    /// The directories that file systems are mounted on, or were at an earlier scan. Files that were there may be on a
    /// file system that is not mounted, even after the directory has left.
    var mountPoints: Set<FilePath> = []
    var scan = Scan()
    var times: LookTimes
    /// The directories that the present round of polling still has to look at.
    var pollQueue: [WatchTree.ID] = []
    var unread = UnreadDirectories()
    /// Directories whose `.outtrayignore` is to be read again, as events told of it.
    var ignoreFilesToRead: Set<WatchTree.ID> = []
    /// Why the folder was last found out of its place; nil after the next full scan. Keeps the same trouble from being
    /// sent twice.
    var rootTrouble: String?
    /// Whether events are to be relied on.
    var trust: EventTrust
    /// The causes of polling that were sent.
    var told: Set<PollCause> = []
    /// The file systems of whose trust was told.
    var trusted: Set<String> = []
    /// The directories of which was told that they are watched at another path.
    var toldElsewhere: Set<FilePath> = []
    /// When ``WatchEvent/walked(folder:)`` may be sent, as a directory has left; nil if none has since the last one.
    var walkedIsDue: ContinuousClock.Instant?
    private var isReady = false
    private var mayArrive = false
    private var isClosed = false

    init(
        folder: WatchedFolder,
        routes: WatchRoutes?,
        inotifyFailure: Errno? = nil,
        trust: EventTrust? = nil,
        places: HeldPlaces = HeldPlaces(),
        inbox: Inbox,
        channel: EventChannel,
        readiness: Latch,
        pulse: Pulse = Pulse(),
        explain: @escaping (FilePath) -> String? = { _ in nil },
        report: @escaping (WatchReport) -> Void = { _ in },
        gauge: WatchGauge = WatchGauge(),
        logger: Logger
    ) {
        self.folder = folder
        self.routes = routes
        self.inotifyFailure = inotifyFailure
        self.trust = trust ?? EventTrust(mode: folder.options.mode)
        self.places = places
        self.inbox = inbox
        self.channel = channel
        self.readiness = readiness
        self.pulse = pulse
        self.explain = explain
        self.report = report
        self.gauge = gauge
        self.logger = logger
        tree = WatchTree(root: folder.path)
        lastHandOver = clock.now
        times = LookTimes(folder.options, at: clock.now)
    }

    var options: WatchOptions { folder.options }

    /// Works until the inbox is stopped or the channel has no reader any more. Blocks.
    mutating func run() {
        while !inbox.isStopped && !isClosed {
            pulse.beat()
            keepTime()
            handle(nextMail())
            if !walk.isIdle {
                walkOn()
            } else if let id = pollQueue.popLast() {
                poll(id)
            }
            endScanIfDone()
            // First: whoever hears of an event finds the condition that it tells of.
            showCondition()
            if !mayGather { handOver() }
        }
    }

    private func showCondition() {
        gauge.change { condition in
            condition.directories = tree.watchCount
            condition.polledDirectories = tree.polled.count
            if condition.pollCauses != tree.pollCauses { condition.pollCauses = tree.pollCauses }
            condition.pollInterval = options.pollInterval
            condition.rootInterval = options.rootInterval
            condition.nextScan = times.nextScan
            condition.trouble = rootTrouble
        }
    }

    /// Sends that the folder is not watched as it should be.
    mutating func tellUnwatched(at path: FilePath, _ reason: String) {
        batch.append(.unwatched(folder: folder.name, path: path, reason: reason))
    }

    /// Whether the batch may wait for what the walk finds next. A file system beneath the folder may hang, and files
    /// found before must not wait for it.
    var mayGather: Bool {
        !walk.isIdle && !hasMounts && batch.hasOnlyFound && batch.count < Self.batchSize
            && lastHandOver.duration(to: clock.now) < Self.longestGathering
    }

    /// Sends the batch. Blocks while the consumer is behind.
    mutating func handOver() {
        let events = batch.drain()
        if !events.isEmpty && !send(events) { isClosed = true }
        lastHandOver = clock.now
        if mayArrive && !isReady {
            isReady = true
            readiness.checkOff(folder.name)
        }
    }

    /// Sends events without a running pulse. The consumer may be behind because of a full disk, or many files to move
    /// away. That says nothing about the folder's file system.
    private func send(_ events: [WatchEvent]) -> Bool {
        pulse.rest()
        defer { pulse.beat() }
        return channel.send(events)
    }

    /// Keeps a batch from growing without end.
    mutating func handOverIfLarge() {
        if batch.count >= Self.batchSize { handOver() }
    }

    /// Notes that the batch has everything about the folder for now. After the batch is sent, the folder counts as
    /// ready.
    mutating func arrive() {
        mayArrive = true
    }

    /// Ends watches that the tree has forgotten.
    func unwatch(_ watches: [Int32]) {
        if !watches.isEmpty { routes?.unwatch(watches, for: inbox) }
    }

    private func nextMail() -> Inbox.Mail {
        let patience = patience
        pulse.rest()
        defer { pulse.beat() }
        return inbox.next(within: patience)
    }

    /// How long the thread may wait for mail, with nothing else to do.
    private var patience: Duration {
        if !walk.isIdle || !pollQueue.isEmpty || scan.isCatchingUp { return .zero }
        let next = times.next(isPolling: !tree.polled.isEmpty)
        return clock.now.duration(to: walkedIsDue.map { min($0, next) } ?? next)
    }

    private mutating func keepTime() {
        let now = clock.now
        if now >= times.nextRootCheck {
            checkRoot()
            let later = clock.now
            times.planRootCheck(at: later, after: now.duration(to: later))
        }
        if now >= times.nextPoll && pollQueue.isEmpty {
            times.beginPolling()
            pollQueue = Array(tree.polled)
        }
        if now >= times.nextScan {
            times.planScan(at: now)
            // A walk that is under way looks at everything. If another scan followed, a long walk would never count.
            if !scan.isWalking { beginScan(.schedule) }
        }
        if pollQueue.isEmpty && times.nextPoll <= now { times.planPoll(at: clock.now) }
    }
}
