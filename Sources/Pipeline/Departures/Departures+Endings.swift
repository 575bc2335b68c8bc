import SystemPackage
import Threads
import Watch

// One departure: how it is carried out, and how its end is recorded.

extension Departures {
    /// Carries out a departure, or makes it void, by the folder's configuration in force.
    ///
    /// `departure` may be old: its folder's account is asked for anew, here and before the file is set aside. Returns
    /// false if a file system did not answer.
    @discardableResult
    func carryOut(_ departure: Departure, _ plan: FolderPlan?) async -> Bool {
        do {
            guard let departure = try await services.durably({ try await services.book.departure(departure.id) }) else {
                return true
            }
            switch departure.verdict(in: plan) {
            case .stays(let reason): try await keep(departure, plan, reason)
            case .leaves(let action):
                guard let plan else { return true }
                let ending = try await attempt(departure, action, plan)
                if ending == .missing { try await checkLeft(departure, beneath: plan.path) }
                try await record(ending, of: departure, plan)
            }
        } catch is CancellationError {
            // The pipeline ends. The next start goes on with the departure.
        } catch {
            await fail(departure, DepartureTrouble.words(for: error, plan?.afterUpload))
            return !(error is Unanswered)
        }
        return true
    }

    /// Checks that a missing file has left, and not only the file system that it was on.
    ///
    /// - Throws: ``DepartureTrouble/Away`` if that is not sure.
    private func checkLeft(_ departure: Departure, beneath root: FilePath) async throws {
        let hasLeft = try await disk(of: departure, beneath: root)({
            AbsenceLooks.hasLeft(departure.path, on: departure.version.device, beneath: root)
        })
        if !hasLeft { throw DepartureTrouble.Away() }
    }

    private func attempt(_ departure: Departure, _ action: AfterUpload, _ plan: FolderPlan) async throws
        -> DepartureEnding
    {
        let root = plan.path
        let disk = disk(of: departure, beneath: root)
        let isQuiet = Timestamp.steady() >= quietEnd(departure, plan)
        guard case .move(let target) = action else { return try await delete(departure, isQuiet: isQuiet, disk) }
        var directory = departure.path.removingLastComponent()
        guard directory.removePrefix(root) else { return .missing }
        let move = DepartureMove(
            departure: departure,
            root: root,
            target: target,
            directory: directory,
            isQuiet: isQuiet,
            places: services.places,
            targets: services.targets,
            look: disk,
            objection: { try await self.objection(to: departure, plan) },
            aim: { path in
                try await self.services.durably { try await self.services.book.recordAim(path, of: departure) }
            }
        )
        return try await move.run()
    }

    private func delete(_ departure: Departure, isQuiet: Bool, _ disk: DepartureDisk) async throws -> DepartureEnding {
        let (root, places) = (disk.root, services.places)
        // Mostly all is done in one go.
        let (leftover, ending) = try await disk { () -> (AsideFile?, DepartureEnding?) in
            try places.checkFolder(of: departure, at: root)
            switch try AsideFile.look(at: departure, beneath: root, isQuiet: isQuiet) {
            case .leftover(let file): return (file, nil)
            case .ended(let ending): return (nil, ending)
            case .there(let file):
                switch try file.setAside() {
                case .aside(let file): return (nil, try file.delete())
                case .ended(let ending): return (nil, ending)
                }
            }
        }
        guard let leftover else { return ending ?? .missing }
        if let ending = try await disk.prove(leftover) { return ending }
        return try await disk { try leftover.delete() }
    }

    /// Why the file is to stay by now: its folder's account may have turned out to be another one. Nil if it may leave.
    private func objection(to departure: Departure, _ plan: FolderPlan) async throws -> String? {
        let now = try await services.durably { try await services.book.departure(departure.id) }
        guard let now else { return "its departure has ended" }
        if case .stays(let reason) = now.verdict(in: plan) { return reason }
        return nil
    }

    private func record(_ ending: DepartureEnding, of departure: Departure, _ plan: FolderPlan) async throws {
        let (book, path) = (services.book, departure.path)
        switch ending {
        case .left(let movedTo):
            try await takeMarker(of: departure, to: movedTo, plan)
            try await services.durably { try await book.finish(departure, movedTo: movedTo) }
            CrashPoint.departureRecorded.reached()
            left(departure)
            services.manifest.ring()
            services.observer(.departed(path, movedTo: movedTo))
        case .missing, .changed:
            try await discardCopies(of: departure, plan)
            try await services.durably { try await book.drop(departure) }
            await services.changed(path, departure.folder)
        case .returned(let now, let reason):
            try await discardCopies(of: departure, plan)
            try await services.durably { try await book.drop(departure) }
            services.observer(.stays(now, reason: reason))
            await services.changed(path, departure.folder)
            if now != path { await services.changed(now, departure.folder) }
        case .held:
            await fail(departure, "somebody has it open for writing", by: Schedules.heldDeparture)
        case .untold:
            let due = max(quietEnd(departure, plan), Timestamp.steady().advanced(by: Schedules.departure.first))
            let reason = "it cannot be told whether somebody writes to it, so it stays until it has been quiet for long"
            try await services.durably {
                try await book.postpone(departure, reason: reason, due: due, failed: false)
            }
        }
    }

    /// When a file has been quiet for long enough, although the kernel does not tell who has it open. A `recordedAt` in
    /// the future comes from another process, whose clock has been set since.
    private func quietEnd(_ departure: Departure, _ plan: FolderPlan) -> Timestamp {
        min(departure.recordedAt, .steady()).advanced(by: Departure.quietTime(settle: plan.settle(for: departure.path)))
    }

    /// Ends a departure because the file stays. Puts back the file that an earlier process has set aside, and removes
    /// its copy. No event reports a file that has left by another hand.
    ///
    /// If nobody watches the folder any more and its disk is away, does nothing: a later start asks again.
    private func keep(_ departure: Departure, _ plan: FolderPlan?, _ reason: String) async throws {
        let root = departure.root
        try await discardCopies(of: departure, plan)
        let (back, isGone, isAway) = try await disk(of: departure, beneath: root)({
            do {
                let back = try AsideFile.putBack(departure, beneath: root)
                let isGone = back == nil && FileStatus.isGone(departure.path, beneath: root)
                return (back, isGone, back == nil && departure.isAway(from: root))
            } catch Errno.noSuchFileOrDirectory {
                // The folder itself is gone.
                return (DepartureEnding?.none, true, true)
            }
        })
        // A folder that is still watched is scanned when it is there again, and the scan finds what is set aside.
        if plan == nil, isAway { return }
        try await services.durably { try await services.book.drop(departure) }
        if !isGone { services.observer(.stays(departure.path, reason: reason)) }
        if case .returned(let now, _)? = back { await services.changed(now, departure.folder) }
    }

    private func fail(_ departure: Departure, _ reason: String, by schedule: RetryPolicy = Schedules.departure) async {
        let due = Timestamp.steady().advanced(by: schedule.bound(afterFailures: departure.attempts + 1))
        if isNews(reason, in: departure.folder) {
            services.observer(.departureFailed(departure.path, reason: reason))
        }
        do {
            try await services.durably {
                try await services.book.postpone(departure, reason: reason, due: due, failed: true)
            }
        } catch {
            // The departure is still due and would be tried again at once.
            try? await services.clock.sleep(for: Schedules.departure.first)
        }
    }
}

/// The parts that the departures of all folders share.
struct DepartureServices<C: Clock>: Sendable where C.Duration == Duration {
    let book: any DepartureBook
    let bookkeeping: Bookkeeping<C>
    var places = HeldPlaces()
    let targets = MoveTargets()
    var disks = SourceDisks()
    let clock: C
    let observer: PipelineObserver
    /// Rings when the ledger has changes that the manifest's files lack.
    var manifest = Doorbell()
    /// Lets Settle look at a file, as if an event had reported it.
    var changed: @Sendable (FilePath, String) async -> Void = { _, _ in }

    /// Does ledger work until it succeeds; see ``Bookkeeping/durably(on:_:)``.
    func durably<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        try await bookkeeping.durably(work)
    }
}

/// Why a file cannot leave now, in the same words for all files with that cause.
enum DepartureTrouble {
    /// The file is missing, and may be on a file system that is not mounted.
    struct Away: Error {}

    /// Nothing is mounted at the target any more.
    struct Unmounted: Error {
        let target: FilePath
    }

    /// Files of two folders would be one file.
    struct Overlap: Error {
        let subject: String
        let reason: String
    }

    static let otherBytes = "its bytes are not those that went up"

    static func words(for error: any Error, _ action: AfterUpload?) -> String {
        let places =
            if case .move(let target)? = action { "its directory or beneath \(target)" } else { "its directory" }
        switch error {
        case Errno.permissionDenied, Errno.notPermitted, SourceFileError.denied:
            return "this user may not write to \(places): permission denied"
        case Errno.readOnlyFileSystem:
            return "\(places) cannot be written to, the file system is read-only (in a unit, see ReadWritePaths=)"
        case Errno.noSuchFileOrDirectory:
            if case .move(let target)? = action { return "the target \(target), or its directory, is not there" }
            return "its directory is not there"
        case let error as SourceFileError: return error.reason
        case is Away: return "it is not there, and the file system that it was on may not be mounted"
        case let error as Unmounted: return "the target \(error.target) is not mounted any more"
        case let error as Overlap: return "\(error.subject) shows files of a watched folder: \(error.reason)"
        default: return "\(error)"
        }
    }
}

extension HeldPlaces {
    /// Checks that the departing file's folder has no files of another one.
    ///
    /// - Throws: ``DepartureTrouble/Overlap``. Blocks.
    func checkFolder(of departure: Departure, at root: FilePath) throws {
        try check("its folder", at: root, except: departure.folder)
    }

    /// Checks that a directory has no files of a watched folder; see ``reason(against:except:)``.
    func check(_ subject: String, at path: FilePath, except own: String? = nil) throws {
        guard let reason = reason(against: path, except: own) else { return }
        throw DepartureTrouble.Overlap(subject: subject, reason: reason)
    }
}

extension Departure {
    /// The new path of a file that an earlier try has moved; nil if it is not there. Blocks.
    ///
    /// After a rename, the file at the aim has the same device and inode. After a copy, it has the same size and an
    /// mtime within two seconds, as some file systems are that coarse.
    var arrival: FilePath? {
        guard let aim, let there = try? FileStatus.of(aim), there.kind == .regular else { return nil }
        if FileIdentity(there.version) == FileIdentity(version) { return aim }
        let (apart, isFar) = there.version.modified.subtractingReportingOverflow(version.modified)
        let isCopy = there.version.size == version.size && !isFar && apart.magnitude <= 2_000_000_000
        return isCopy ? aim : nil
    }

    /// Whether the folder, or the disk that the file was on, is not at its path. Blocks.
    func isAway(from root: FilePath) -> Bool {
        guard let there = try? OpenDirectory(root).identity() else { return true }
        return there.device != version.device
    }
}
