import SystemPackage
import Threads
import Watch

/// Lets uploaded files leave their folders, as `after_upload` says. Carries out only recorded departures, also those of
/// an earlier process.
///
/// Folders go side by side, and so do some files of each. So a long copy holds up no other file, and a hung file system
/// only its own folder. A failed departure is tried again with growing pauses.
final class Departures<C: Clock>: Sendable where C.Duration == Duration {
    /// How many files of one folder leave at a time. Settling and reading have the other half of the folder's threads.
    private static var mostAtATime: Int { FolderThreads.bound / 2 }

    private struct Plans {
        /// The folders that are worked on here.
        var folders: [String: FolderPlan]
        /// All folders, also those that only other processes watch. A file of theirs that is pushed by name leaves like
        /// any other.
        var all: [String: FolderPlan]
        var bells: [String: Doorbell]
    }

    private let plans: Mutex<Plans>
    let services: DepartureServices<C>
    private let state = Mutex(DepartureState())

    init(folders: [FolderPlan], allFolders: [FolderPlan]? = nil, services: DepartureServices<C>) {
        let here = Self.byName(folders)
        let all = Self.byName(allFolders ?? folders)
        plans = Mutex(Plans(folders: here, all: all, bells: here.mapValues { _ in Doorbell() }))
        self.services = services
    }

    private static func byName(_ folders: [FolderPlan]) -> [String: FolderPlan] {
        Dictionary(folders.map { ($0.name, $0) }) { first, _ in first }
    }

    var folders: [String: FolderPlan] { plans.withLock { $0.folders } }

    /// Puts another configuration in force; `allFolders` are all its folders.
    func apply(_ allFolders: [FolderPlan]) {
        plans.withLock { $0.all = Self.byName(allFolders) }
    }

    /// Begins work on a folder; ``run(on:)`` follows.
    func begin(_ plan: FolderPlan) {
        plans.withLock { plans in
            plans.folders[plan.name] = plan
            plans.bells[plan.name] = Doorbell()
        }
    }

    /// Ends work on a folder whose ``run(on:)`` has ended.
    func end(_ folder: String) {
        plans.withLock { plans in
            plans.folders[folder] = nil
            plans.bells[folder] = nil
        }
        state.withLock { $0.told[folder] = nil }
    }

    private func bell(_ folder: String) -> Doorbell? { plans.withLock { $0.bells[folder] } }

    /// The action after the upload, by the configuration in force. `.keep` if the file's folder has moved meanwhile.
    func action(for file: MediaFile) -> AfterUpload {
        guard let plan = file.folder.flatMap({ name in plans.withLock { $0.all[name] } }), plan.path == file.root else {
            return .keep
        }
        return plan.afterUpload
    }

    /// There may be a new departure in a folder.
    func wake(_ folder: String?) {
        if let folder { bell(folder)?.ring() }
    }

    /// There may be new departures in any folder.
    func wake() {
        for bell in plans.withLock({ Array($0.bells.values) }) { bell.ring() }
    }

    /// Makes all failed departures due at once. Called at a start and after a changed configuration.
    func open() async throws {
        try await services.durably { try await services.book.openDepartures() }
        wake()
    }

    /// Whether a departure of this path is under way, for a path reported as gone. If so, notes the report: the
    /// departure records the end of the file.
    func takes(_ path: FilePath) -> Bool {
        state.withLock { $0.takes(path) }
    }

    /// Whether a pass has to wait because a departure is under way or due. Departures of `silent` folders do not count.
    func isBusy(except silent: Set<String>, accounts: [String]) async throws -> Bool {
        let names = folders.keys.filter { !silent.contains($0) }
        if state.withLock({ state in names.contains { state.isUnderWay(in: $0) } }) { return true }
        return try await services.book.hasDueDepartures(of: names, accounts: accounts, at: .steady())
    }

    /// Departures that failed, with their reasons.
    func failed() async throws -> StayingFiles {
        folders.isEmpty ? .none : try await services.book.failedDepartures(limit: 10)
    }

    /// Carries out the folder's departures until the task is cancelled.
    func run(on plan: FolderPlan) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let now = Timestamp.steady()
                    let next = try await claim(of: plan, dueBy: now)
                    for departure in next {
                        group.addTask {
                            await self.carryOut(departure, plan)
                            await self.end(departure)
                        }
                    }
                    if next.isEmpty { await rest(of: plan, after: now) }
                } catch {
                    break
                }
            }
            group.cancelAll()
        }
    }

    /// Takes due departures, up to the number of free places.
    private func claim(of plan: FolderPlan, dueBy now: Timestamp) async throws -> [Departure] {
        let taken = state.withLock { $0.taken(in: plan.name) }
        let room = Self.mostAtATime - taken.places
        guard room > 0 else { return [] }
        let due = try await services.durably {
            try await services.book.departures(of: plan.name, dueBy: now, limit: room + taken.ids.count)
        }
        let next = due.filter { !taken.ids.contains($0.id) }.prefix(room)
        state.withLock { state in
            for departure in next { state.begin(departure) }
        }
        return Array(next)
    }

    private func rest(of plan: FolderPlan, after now: Timestamp) async {
        let next = try? await services.durably {
            try await services.book.nextDeparture(of: plan.name, after: now)
        }
        let deadline = next.flatMap(\.self).map { due in
            let rest = Duration.milliseconds(due.milliseconds - Timestamp.steady().milliseconds)
            return services.clock.now.advanced(by: max(rest, .milliseconds(10)))
        }
        await bell(plan.name)?.wait(until: deadline, clock: services.clock)
    }

    /// Ends a departure. If its path was reported as gone meanwhile, Settle looks at the path now. If a scan has seen
    /// its file under the hidden name, it may have been elsewhere.
    private func end(_ departure: Departure) async {
        let (hasMissed, leftover) = state.withLock { $0.end(departure) }
        if hasMissed { await services.changed(departure.path, departure.folder) }
        if let leftover { await returnLeftover(leftover, in: departure.folder) }
        wake(departure.folder)
    }

    /// Makes the departures of former folders void. Without folders, as for files that are pushed by name, it does
    /// nothing: those departures belong to other processes.
    ///
    /// A file system that does not answer is asked once: its other departures are left for the next start or reload.
    func dropOthers() async {
        guard !folders.isEmpty else { return }
        var last: Int64 = 0
        var silent = state.withLock { $0.stuckRoots }
        while !Task.isCancelled {
            let after = last
            let others = try? await services.durably {
                try await services.book.departures(exceptFolders: Array(folders.keys), after: after, limit: 64)
            }
            guard let others, let end = others.last else { return }
            last = end.id
            for departure in others where !silent.contains(departure.root) {
                if await !carryOut(departure, nil) { silent.insert(departure.root) }
            }
        }
    }

    /// The file system of a departure's file, on its folder's threads. A hung departure is not tried again before its
    /// thread is free.
    func disk(of departure: Departure, beneath root: FilePath) -> DepartureDisk {
        DepartureDisk(
            threads: services.disks.threads.threads(of: departure.folder, beneath: root),
            patience: services.disks.patience,
            root: root,
            leaving: { self.state.withLock { $0.leave(departure) } },
            late: {
                self.state.withLock { $0.free(departure) }
                self.wake(departure.folder)
            }
        )
    }

    /// Keeps the departure of a hidden name from being taken. Returns false if it is under way. Then the name is looked
    /// at after that.
    func begin(_ name: HiddenName, at path: FilePath) -> Bool { state.withLock { $0.begin(name, at: path) } }

    func end(_ name: HiddenName) { state.withLock { $0.end(name) } }

    /// Whether the folder has not reported this cause yet, since a file last left it.
    func isNews(_ reason: String, in folder: String) -> Bool {
        state.withLock { $0.told[folder, default: []].insert(reason).inserted }
    }

    /// Notes that a file has left its folder. Its path being gone is then no news, and causes are reported anew.
    func left(_ departure: Departure) {
        state.withLock { state in
            state.forgetMissed(departure)
            state.told[departure.folder] = nil
        }
    }
}

/// The departures that are under way.
struct DepartureState {
    private var underWay: [Int64: Departure] = [:]
    /// Departures with a look that was given up and has not ended.
    private var stuck: [Int64: Departure] = [:]
    /// Paths that were reported as gone while their departure was under way.
    private var missed: Set<FilePath> = []
    /// The hidden names that are looked at.
    private var leftovers: Set<HiddenName> = []
    /// Where hidden names were seen while their departure was under way.
    private var seen: [Int64: FilePath] = [:]
    /// The causes that were reported, by folder.
    var told: [String: Set<String>] = [:]

    mutating func begin(_ departure: Departure) { underWay[departure.id] = departure }

    /// Returns whether its path was reported as gone meanwhile, and where its hidden name was seen.
    mutating func end(_ departure: Departure) -> (hasMissed: Bool, leftover: FilePath?) {
        underWay[departure.id] = nil
        return (missed.remove(departure.path) != nil, seen.removeValue(forKey: departure.id))
    }

    mutating func begin(_ name: HiddenName, at path: FilePath) -> Bool {
        if underWay[name.departure]?.version.inode == name.inode || stuck[name.departure]?.version.inode == name.inode {
            seen[name.departure] = path
            return false
        }
        return leftovers.insert(name).inserted
    }

    mutating func end(_ name: HiddenName) { leftovers.remove(name) }

    /// A look at the departing file hangs.
    mutating func leave(_ departure: Departure) { stuck[departure.id] = departure }

    /// The look that hung has ended.
    mutating func free(_ departure: Departure) { stuck[departure.id] = nil }

    /// The file has left, so the report that its path is gone is true and recorded.
    mutating func forgetMissed(_ departure: Departure) { missed.remove(departure.path) }

    mutating func takes(_ path: FilePath) -> Bool {
        guard underWay.values.contains(where: { $0.path == path }) else { return false }
        missed.insert(path)
        return true
    }

    /// Where looks hang.
    var stuckRoots: Set<FilePath> { Set(stuck.values.map(\.root)) }

    func isUnderWay(in folder: String) -> Bool { underWay.values.contains { $0.folder == folder } }

    /// The numbers of a folder's departures that must not be taken, and how many of them have a thread. A look that
    /// hangs keeps its thread.
    func taken(in folder: String) -> (ids: Set<Int64>, places: Int) {
        let own = Set([underWay, stuck].flatMap(\.values).filter { $0.folder == folder }.map(\.id))
        return (own.union(leftovers.map(\.departure)), own.count)
    }
}
