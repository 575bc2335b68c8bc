import SystemPackage
import Threads
import Watch

/// Lets uploaded files leave the folders whose configuration says so: carries out the departures that the ledger has
/// recorded, also those of an earlier process, and takes away nothing else.
///
/// Folders go side by side, and some files of each: one that is copied for long holds up no other, and a file system that
/// hangs holds up its own folder. What fails is tried again with growing pauses.
final class Departures<C: Clock>: Sendable where C.Duration == Duration {
    /// Files of one folder at a time. The other half of the folder's threads is left to those who settle and read.
    private static var mostAtATime: Int { FolderThreads.bound / 2 }

    private struct Plans {
        /// Those that are worked on here.
        var folders: [String: FolderPlan]
        /// Those that are watched by other processes as well: a file of theirs that is pushed by name leaves like any other.
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

    /// Another configuration is in force; these are all its folders.
    func take(_ allFolders: [FolderPlan]) {
        plans.withLock { $0.all = Self.byName(allFolders) }
    }

    /// A folder is worked on from now on: ``run(on:)`` is to follow.
    func begin(_ plan: FolderPlan) {
        plans.withLock { plans in
            plans.folders[plan.name] = plan
            plans.bells[plan.name] = Doorbell()
        }
    }

    /// A folder whose ``run(on:)`` has ended is worked on no more.
    func end(_ folder: String) {
        plans.withLock { plans in
            plans.folders[folder] = nil
            plans.bells[folder] = nil
        }
        state.withLock { $0.told[folder] = nil }
    }

    private func bell(_ folder: String) -> Doorbell? { plans.withLock { $0.bells[folder] } }

    /// What becomes of a file once it is up, by the configuration in force; nothing where its folder has moved meanwhile.
    func action(for file: MediaFile) -> AfterUpload {
        guard let plan = file.folder.flatMap({ name in plans.withLock { $0.all[name] } }), plan.path == file.root else {
            return .keep
        }
        return plan.afterUpload
    }

    /// There may be something new to do in a folder.
    func wake(_ folder: String?) {
        if let folder { bell(folder)?.ring() }
    }

    /// The same in all folders.
    func wake() {
        for bell in plans.withLock({ Array($0.bells.values) }) { bell.ring() }
    }

    /// All that failed is due at once: a start, or a changed configuration.
    func open() async throws {
        try await services.durably { try await services.book.openDepartures() }
        wake()
    }

    /// Whether a file that is told to be gone has just been taken away here: what has become of it is recorded here, too.
    func takes(_ path: FilePath) -> Bool {
        state.withLock { $0.takes(path) }
    }

    /// Whether a pass has to wait: a departure is under way or due. It does not wait for these folders.
    func isBusy(except silent: Set<String>, accounts: [String]) async throws -> Bool {
        let names = folders.keys.filter { !silent.contains($0) }
        if state.withLock({ state in names.contains { state.isUnderWay(in: $0) } }) { return true }
        return try await services.book.hasDueDepartures(of: names, accounts: accounts, at: .steady())
    }

    /// What keeps files from leaving.
    func failed() async throws -> StayingFiles {
        folders.isEmpty ? .none : try await services.book.failedDepartures(limit: 10)
    }

    /// Carries out the folder's departures until the task is cancelled.
    func run(on plan: FolderPlan) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let now = Timestamp.steady()
                    let next = try await take(of: plan, dueBy: now)
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

    /// Takes what is due, as far as there is room for it.
    private func take(of plan: FolderPlan, dueBy now: Timestamp) async throws -> [Departure] {
        let taken = state.withLock { $0.taken(in: plan.name) }
        let room = Self.mostAtATime - taken.underWay
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

    /// What was told of the path meanwhile is looked at now.
    private func end(_ departure: Departure) async {
        let hasMissed = state.withLock { $0.end(departure) }
        if hasMissed { await services.changed(departure.path, departure.folder) }
        wake(departure.folder)
    }

    /// Departures of folders that are not watched any more are void. Without folders, as for files that are pushed by name,
    /// there is nothing to do, and what others recorded is theirs.
    func dropOthers() async {
        guard !folders.isEmpty else { return }
        var last: Int64 = 0
        while !Task.isCancelled {
            let after = last
            let others = try? await services.durably {
                try await services.book.departures(exceptFolders: Array(folders.keys), after: after, limit: 64)
            }
            guard let others, let end = others.last else { return }
            last = end.id
            for departure in others { await carryOut(departure, nil) }
        }
    }

    /// What blocks for a departure, on its folder's threads. One that hangs is not tried again before its thread is free.
    func disk(of departure: Departure, beneath root: FilePath) -> DepartureDisk {
        DepartureDisk(
            threads: services.disks.threads[departure.folder],
            patience: services.disks.patience,
            root: root,
            leaving: { self.state.withLock { $0.leave(departure) } },
            late: {
                self.state.withLock { $0.free(departure) }
                self.wake(departure.folder)
            }
        )
    }

    /// Whether a cause is a new one of this folder, since a file has left it.
    func isNews(_ reason: String, in folder: String) -> Bool {
        state.withLock { $0.told[folder, default: []].insert(reason).inserted }
    }

    /// A file has left its folder: that it is gone is no news, and whatever kept others is told anew.
    func left(_ departure: Departure) {
        state.withLock { state in
            state.forgetMissed(departure)
            state.told[departure.folder] = nil
        }
    }
}

/// What is under way.
struct DepartureState {
    private var underWay: [Int64: Departure] = [:]
    /// Those whose look was given up, and has not ended.
    private var stuck: [Int64: Departure] = [:]
    /// Paths that were told to be gone while their departure was under way.
    private var missed: Set<FilePath> = []
    /// The causes that were told, by folder.
    var told: [String: Set<String>] = [:]

    mutating func begin(_ departure: Departure) { underWay[departure.id] = departure }

    /// Returns whether its path was told to be gone meanwhile.
    mutating func end(_ departure: Departure) -> Bool {
        underWay[departure.id] = nil
        return missed.remove(departure.path) != nil
    }

    /// A look at it hangs.
    mutating func leave(_ departure: Departure) { stuck[departure.id] = departure }

    /// The look that hung has ended.
    mutating func free(_ departure: Departure) { stuck[departure.id] = nil }

    /// It has left, so that what was told of its path is true and recorded.
    mutating func forgetMissed(_ departure: Departure) { missed.remove(departure.path) }

    mutating func takes(_ path: FilePath) -> Bool {
        guard underWay.values.contains(where: { $0.path == path }) else { return false }
        missed.insert(path)
        return true
    }

    func isUnderWay(in folder: String) -> Bool { underWay.values.contains { $0.folder == folder } }

    /// The numbers of those of a folder that are not to be taken, and how many of them are under way.
    func taken(in folder: String) -> (ids: Set<Int64>, underWay: Int) {
        let own = underWay.values.filter { $0.folder == folder }.map(\.id)
        let hung = stuck.values.filter { $0.folder == folder }.map(\.id)
        return (Set(own + hung), own.count)
    }
}
