import SystemPackage
import Threads
import Watch

// What people ask of the running service. Each of these may be asked again, and says what was done.

/// Which files a person wants to be tried anew.
package enum RetryChoice: Hashable, Sendable {
    case paths([FilePath])
    case scope(ActionScope)
    /// Files that wait for it, and accounts that it blocks.
    case cause(WaitCause)
}

/// What was tried anew.
package struct RetryReport: Hashable, Sendable {
    /// How many files.
    package var retried = 0
    /// The accounts that were blocked and are open.
    package var opened: [String] = []
    /// What became of each file that was named.
    package var files: [RetriedFile] = []

    package init() {}
}

/// A name that the configuration in force does not have.
package struct UnknownName: Error, Hashable {
    /// `account` or `folder`.
    package let what: String
    package let name: String
    /// The names that there are.
    package let known: [String]

    package init(what: String, name: String, known: [String]) {
        self.what = what
        self.name = name
        self.known = known
    }
}

extension Pipeline {
    /// How many files an action takes at a time.
    private static var actionPage: Int { 256 }

    // MARK: Retry

    /// Lets files be tried anew, and opens their accounts. Looks at files that are named, for `patience` at most.
    ///
    /// - Throws: ``UnknownName``, and the ledger's errors.
    package func retry(_ choice: RetryChoice, within patience: Duration = .seconds(5)) async throws -> RetryReport {
        var report = RetryReport()
        var accounts: Set<String> = []
        var settling: Set<String> = []
        switch choice {
        case .paths(let paths):
            for start in stride(from: 0, to: paths.count, by: Self.actionPage) {
                let page = Array(paths[start..<min(start + Self.actionPage, paths.count)])
                let retried = try await retry(page, &report, &accounts)
                report.files += retried
                await settle(retried, within: patience)
            }
        case .scope(let scope):
            let folders = try self.folders(of: scope)
            accounts = try Set(self.accounts(of: scope).map(\.name))
            let named: String? = if case .account(let name) = scope { name } else { nil }
            try await retryAll(in: folders, &report, &accounts, &settling) { candidate in
                if candidate.folder != nil { return true }
                return scope == .all || (named != nil && candidate.account == named)
            }
        case .cause(let cause):
            for (name, blockedBy) in await accountBlocks where blockedBy == cause { accounts.insert(name) }
            try await retryAll(in: try self.folders(of: .all), &report, &accounts, &settling) { $0.cause == cause }
        }
        for name in accounts.sorted() {
            guard let lane = roster.lane(of: name) else { continue }
            if await lane.blockedBy != nil { report.opened.append(name) }
            await lane.open()
        }
        // A scan finds these files. Nobody waits for it here: a folder's file system may hang.
        for folder in settling { watcher.rescan(folder) }
        return report
    }

    /// Lets Settle look at files that were rejected. A folder that does not answer within `patience` is scanned as soon
    /// as its file system answers, and nobody waits for that.
    private func settle(_ retried: [RetriedFile], within patience: Duration) async {
        var paths: [String: [FilePath]] = [:]
        for file in retried where file.outcome == .settles {
            if let folder = file.folder { paths[folder, default: []].append(file.path) }
        }
        await withDiscardingTaskGroup { group in
            for (folder, paths) in paths {
                group.addTask {
                    let sights = paths.map { Sight.changed($0, folder: folder) }
                    let isLooked = try? await within(patience) {
                        await self.settler.handle(sights)
                        return true
                    }
                    if isLooked != true { self.watcher.rescan(folder) }
                }
            }
        }
    }

    private func retryAll(
        in folders: [FolderPlan],
        _ report: inout RetryReport,
        _ accounts: inout Set<String>,
        _ settling: inout Set<String>,
        where isWanted: (RetryCandidate) -> Bool
    ) async throws {
        let names = Set(folders.map(\.name))
        let isChosen = { (candidate: RetryCandidate) in
            candidate.folder.map(names.contains) ?? true && isWanted(candidate)
        }
        for state in [FileState.queued, .rejected] {
            var last: Int64 = 0
            while true {
                let page = try await ledger.retryable(state, after: last, limit: Self.actionPage)
                guard let end = page.last else { break }
                last = end.number
                let retried = try await retry(page.filter(isChosen).map(\.path), &report, &accounts)
                settling.formUnion(retried.filter { $0.outcome == .settles }.compactMap(\.folder))
            }
        }
        let failed = try await ledger.withFailedAssets().filter(isChosen)
        for start in stride(from: 0, to: failed.count, by: Self.actionPage) {
            let page = failed[start..<min(start + Self.actionPage, failed.count)].map(\.path)
            let retried = try await retry(page, &report, &accounts)
            settling.formUnion(retried.filter { $0.outcome == .settles }.compactMap(\.folder))
        }
    }

    private func retry(
        _ paths: [FilePath],
        _ report: inout RetryReport,
        _ accounts: inout Set<String>
    ) async throws -> [RetriedFile] {
        guard !paths.isEmpty else { return [] }
        let retried = try await ledger.retry(paths, watched: Set(roster.folders.keys), at: .now())
        CrashPoint.retryRecorded.reached()
        report.retried += retried.count(where: \.isChanged)
        for file in retried where file.outcome == .due { if let account = file.account { accounts.insert(account) } }
        // A restart in between finds these files by its first scan, as they settle.
        for file in retried where file.outcome == .settles {
            if let folder = file.folder.flatMap(roster.folder) { accounts.insert(folder.account) }
        }
        if retried.contains(where: \.isChanged) { manifest.bell.ring() }
        return retried
    }

    // MARK: Pause

    /// The pauses in force.
    package var pauses: [Pause] { pauseBoard.pauses.shown }

    /// Begins nothing new there, until ``resume(_:)``; also after a restart.
    ///
    /// - Throws: ``UnknownName``, and the ledger's errors.
    package func pause(_ scope: ActionScope) async throws {
        let subject = try subject(of: scope)
        try await pauseTurns.run {
            try await ledger.pause([subject], at: .now())
            CrashPoint.pauseRecorded.reached()
            try await takePauses()
        }
    }

    /// Goes on there. For all, every pause ends.
    ///
    /// - Throws: ``UnknownName``, and the ledger's errors.
    package func resume(_ scope: ActionScope) async throws {
        // A paused account or folder may have another name by now, or none.
        let former = pauseBoard.pauses.map(\.subject).filter { $0.isNamed(by: scope) }
        let subjects = former.isEmpty ? [try subject(of: scope)] : former
        try await pauseTurns.run {
            try await ledger.resume(scope == .all ? nil : subjects)
            CrashPoint.pauseRecorded.reached()
            try await takePauses()
        }
    }

    /// Puts the recorded pauses in force, and reports what is new.
    func takePauses() async throws {
        let (before, now) = (pauseBoard.pauses, try await ledger.pauses())
        pauseBoard.pauses = now
        for pause in now.shown where !before.contains(where: pause.isOne) { observer(.paused(pause.subject)) }
        for pause in before.shown where !now.contains(where: pause.isOne) { observer(.resumed(pause.subject)) }
        wakeLanes()
    }

    private func subject(of scope: ActionScope) throws -> Pause.Subject {
        switch scope {
        case .all: .all
        case .account: Pause.Subject(try accounts(of: scope)[0].configured)
        case .folder:
            { .folder(name: $0.name, path: $0.path) }(try folders(of: scope)[0])
        }
    }

    // MARK: Rescan

    /// Begins a scan of each folder. Returns the folders whose scan has begun, and those silent for `patience`.
    ///
    /// A silent folder is scanned as soon as its file system answers.
    ///
    /// - Throws: ``UnknownName``.
    package func rescan(
        _ scope: ActionScope,
        within patience: Duration = .seconds(5)
    ) async throws -> (begun: [String], silent: [String]) {
        let names = try folders(of: scope).map(\.name).sorted()
        let before = scans.read { $0 }
        for name in names { watcher.rescan(name) }
        let missing: @Sendable ([String: Int]) -> [String] = { now in
            names.filter { now[$0, default: 0] == before[$0, default: 0] }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.scans.wait { missing($0).isEmpty } }
            group.addTask { try? await rest(for: patience) }
            await group.next()
            group.cancelAll()
        }
        let silent = missing(scans.read { $0 })
        return (names.filter { !silent.contains($0) }, silent)
    }

    // MARK: Forget

    /// Removes the entries of files that are not there. Returns what became of each path.
    package func forget(_ paths: [FilePath]) async throws -> [ForgottenFile] {
        var forgotten: [ForgottenFile] = []
        for start in stride(from: 0, to: paths.count, by: Self.actionPage) {
            let page = Array(paths[start..<min(start + Self.actionPage, paths.count)])
            forgotten += try await ledger.forget(page, at: .now())
            CrashPoint.forgotten.reached()
        }
        if forgotten.contains(where: { $0.outcome == .forgotten }) { manifest.bell.ring() }
        return forgotten
    }

    // MARK: Names

    private func folders(of scope: ActionScope) throws -> [FolderPlan] {
        let folders = roster.plan.watched
        switch scope {
        case .all: return folders
        case .account(let name):
            _ = try accounts(of: scope)
            return folders.filter { $0.account == name }
        case .folder(let name): return [try folder(named: name)]
        }
    }

    /// - Throws: ``UnknownName``.
    func folder(named name: String) throws(UnknownName) -> FolderPlan {
        if let folder = roster.folder(name) { return folder }
        throw UnknownName(what: "folder", name: name, known: folderNames.sorted())
    }

    private func accounts(of scope: ActionScope) throws -> [AccountPlan] {
        let accounts = roster.plan.accounts
        switch scope {
        case .all: return accounts
        case .account(let name):
            guard let account = accounts.first(where: { $0.name == name }) else {
                throw UnknownName(what: "account", name: name, known: accounts.map(\.name).sorted())
            }
            return [account]
        case .folder:
            let names = Set(try folders(of: scope).map(\.account))
            return accounts.filter { names.contains($0.name) }
        }
    }
}
