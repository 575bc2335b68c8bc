import Logging
import SystemPackage
import Threads

/// Looks after one folder on a thread of its own, so that a network disk that hangs holds up nothing but itself.
///
/// One round takes what came in by inotify, then reads on for a while (`+Walk`) or polls one directory (`+Poll`), then
/// hands over what it found out. Its rules for events are in `+Events`, those for the folder's own path in `+Root`.
///
/// A *pass* is a walk over everything. It is told as `scanned` only once all that happened until its end has been
/// handled as well: a file that moved from where the pass had not been to where it had is in the events alone.
struct FolderWatcher {
    /// How much is read, and told, in one go.
    static let batchSize = 512

    /// A pass, from its start to being told.
    enum Pass: Equatable {
        case none
        /// Walking. `again`: something was lost meanwhile, another pass must follow. `whole`: all could be read.
        case walking(again: Bool, whole: Bool)
        /// Walked; waits until the event with this watch has been handled.
        case waiting(mark: Int32)
        /// Walked, and all events until then handled; waits for the directories that they brought.
        case settling
    }

    /// Why something is polled.
    enum Degradation: Hashable {
        case fileSystem(String)
        case tooFewWatches
        case refused(Errno)
    }

    let folder: WatchedFolder
    let options: WatchOptions
    /// Nil if there is no inotify: all is polled.
    let routes: WatchRoutes?
    let inbox: Inbox
    let channel: EventChannel
    let readiness: Latch
    let pulse: Pulse
    let logger: Logger

    let clock = ContinuousClock()
    var tree: WatchTree
    var walk = Walk()
    var batch = EventBatch()
    /// The device and inode that the folder's path led to; nil while it is not there.
    var root: (device: UInt64, inode: UInt64)?
    var pass = Pass.none
    var passNumber = 0
    var pollQueue: [WatchTree.ID] = []
    /// How long the present look at all that is polled has taken so far, without what came in between: walks, and waits
    /// for the consumer.
    var lookTook = Duration.zero
    var nextLook: ContinuousClock.Instant
    var nextRescan: ContinuousClock.Instant
    var unread = UnreadDirectories()
    /// Why the folder was last found out of its place, until it was scanned again; so as not to repeat it.
    var rootTrouble: String?
    private var told: Set<Degradation> = []
    private var isReady = false
    private var mayArrive = false
    private var isClosed = false

    init(
        folder: WatchedFolder,
        options: WatchOptions,
        routes: WatchRoutes?,
        inbox: Inbox,
        channel: EventChannel,
        readiness: Latch,
        pulse: Pulse = Pulse(),
        logger: Logger
    ) {
        self.folder = folder
        self.options = options
        self.routes = routes
        self.inbox = inbox
        self.channel = channel
        self.readiness = readiness
        self.pulse = pulse
        self.logger = logger
        tree = WatchTree(root: folder.path)
        nextLook = clock.now
        nextRescan = nextLook + options.jitteredRescan(.random(in: 0...1))
    }

    /// Works until the inbox is stopped or nobody reads the channel any more. Blocks.
    mutating func run() {
        while !inbox.isStopped && !isClosed {
            pulse.beat()
            keepTime()
            handle(takeMail())
            if !walk.isIdle {
                walkOn()
            } else if let id = pollQueue.popLast() {
                poll(id)
            }
            finishPassIfDone()
            handOver()
        }
    }

    /// Tells that some of the folder is polled, once for each cause.
    mutating func tellUnwatched(_ cause: Degradation, at path: FilePath, _ reason: String) {
        if told.insert(cause).inserted { tellUnwatched(at: path, reason) }
    }

    /// Tells that the folder is not watched as it should be.
    mutating func tellUnwatched(at path: FilePath, _ reason: String) {
        batch.append(.unwatched(folder: folder.name, path: path, reason: reason))
    }

    /// Sends what has gathered; waits while the consumer is behind.
    mutating func handOver() {
        let events = batch.take()
        if !events.isEmpty && !send(events) { isClosed = true }
        if mayArrive && !isReady {
            isReady = true
            readiness.checkOff(folder.name)
        }
    }

    /// A consumer that is behind (a full disk, many files to move away) says nothing of the folder's file system.
    private func send(_ events: [WatchEvent]) -> Bool {
        pulse.rest()
        defer { pulse.beat() }
        return channel.send(events)
    }

    /// Keeps a batch from growing without end.
    mutating func handOverIfLarge() {
        if batch.events.count >= Self.batchSize { handOver() }
    }

    /// All that can be told of the folder for now is in the batch.
    mutating func arrive() {
        mayArrive = true
    }

    /// Ends watches that the tree has forgotten.
    func unwatch(_ watches: [Int32]) {
        if !watches.isEmpty { routes?.unwatch(watches, for: inbox) }
    }

    private func takeMail() -> Inbox.Mail {
        let patience = patience
        pulse.rest()
        defer { pulse.beat() }
        return inbox.take(patience: patience)
    }

    /// How long there is nothing to do but wait for mail.
    private var patience: Duration {
        if !walk.isIdle || !pollQueue.isEmpty || pass == .settling { return .zero }
        return clock.now.duration(to: min(nextLook, nextRescan))
    }

    private mutating func keepTime() {
        let now = clock.now
        if now >= nextLook && pollQueue.isEmpty {
            checkRoot()
            lookTook = now.duration(to: clock.now)
            pollQueue = Array(tree.polled)
        }
        if now >= nextRescan {
            nextRescan = now + options.jitteredRescan(.random(in: 0...1))
            startPass()
        }
        if pollQueue.isEmpty && nextLook <= now { planNextLook() }
    }
}
