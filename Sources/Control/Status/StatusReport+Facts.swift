import Pipeline
import Watch

extension StatusReport {
    /// The report of one moment.
    package init(_ facts: ServiceFacts) {
        self.init(version: facts.version, host: facts.host, state: .stopped)
        pid = facts.process?.pid
        startedAt = facts.process?.startedAt.iso8601
        let waits = facts.waits
        problems = Self.problems(facts, waits)
        folders = facts.folders.map { Self.folder($0, facts) }
        accounts = facts.accounts.map(Self.account)
        waiting = waits.map { group in
            let block = facts.accounts.first { $0.name == group.key.account }?.block
            return Waiting(
                cause: group.key.cause,
                subject: group.key.account,
                files: group.files,
                bytes: group.bytes,
                oldest: group.oldest?.iso8601,
                next: block?.until.iso8601,
                text: [group.key.cause.isOfAccount ? group.key.account : nil, group.key.cause.words]
                    .compactMap(\.self).joined(separator: ": ")
            )
        }
        uploading = facts.uploads.map(Self.upload)
        lastUploaded = facts.lastUploaded.map(Self.word)
        lastError = facts.lastError.map(Self.word)
        ledger = Ledger(bytes: facts.ledgerBytes, freeBytes: facts.freeBytes)
        manifest = Manifest(revision: facts.revision, written: facts.writtenRevision)
        listen = facts.listener.map { listener in
            Listen(address: listener.address, serves: listener.serves.map(\.rawValue), open: listener.isOpen)
        }
        fleet = facts.fleet.map { Self.fleet($0, facts) }
        guard facts.process != nil else { return }
        rate = Rate(bytesPerSecond: Int64(facts.bytesPerSecond), filesPerMinute: facts.filesLastMinute)
        state = Self.state(facts, problems)
    }

    private static func state(_ facts: ServiceFacts, _ problems: [Problem]) -> State {
        if facts.isStopping { return .stopping }
        if facts.closedRecords != nil { return .blocked }
        if !facts.accounts.isEmpty, facts.accounts.allSatisfy({ $0.block != nil || $0.isPaused }) { return .blocked }
        if !problems.isEmpty { return .degraded }
        if facts.folders.contains(where: { $0.condition?.isLookedThrough == false }) { return .starting }
        return .ok
    }

    private static func fleet(_ fleet: FleetCondition, _ facts: ServiceFacts) -> Fleet {
        let unpublished = fleet.published.flatMap { published in facts.revision.map { max(0, $0 - published) } }
        return Fleet(
            host: fleet.host,
            reachable: fleet.trouble == nil,
            reason: fleet.trouble?.reason,
            since: fleet.trouble?.since.iso8601,
            until: fleet.trouble?.until?.iso8601,
            members: fleet.members.map { Fleet.Member(name: $0.name, silentSince: $0.silentSince?.iso8601) },
            unpublished: unpublished,
            adopted: fleet.adopted,
            takeovers: fleet.takeovers,
            duplicates: fleet.duplicates
        )
    }

    /// While its accounts are blocked by it, they tell the same.
    private static func fleetTrouble(_ facts: ServiceFacts) -> [Problem] {
        guard let trouble = facts.fleet?.trouble else { return [] }
        return [
            Problem(
                code: "fleet-unreachable",
                severity: .error,
                subject: facts.fleet?.host,
                since: trouble.since.iso8601,
                message: "the fleet cannot be asked: \(trouble.reason)",
                fix: WaitCause.fleetUnreachable.fix(account: nil)
            )
        ]
    }

    private static func problems(_ facts: ServiceFacts, _ waits: [WaitGroup]) -> [Problem] {
        records(facts) + fleetTrouble(facts) + pauses(facts) + facts.accounts.compactMap { problem(of: $0, waits) }
            + unknownAccounts(facts, waits)
            + facts.folders.flatMap { problems(of: $0, facts) } + departures(facts) + hooks(facts)
            + listener(facts) + configuration(facts)
    }

    private static func records(_ facts: ServiceFacts) -> [Problem] {
        guard let (reason, lasts) = facts.closedRecords else { return [] }
        return [
            Problem(
                code: "records-closed",
                severity: .error,
                since: facts.now.advanced(by: .zero - lasts).iso8601,
                message: "nothing can be recorded, so nothing is begun: \(reason)",
                fix: WaitCause.recordsClosed.fix(account: nil)
            )
        ]
    }

    private static func pauses(_ facts: ServiceFacts) -> [Problem] {
        facts.pauses.map { pause in
            Problem(
                code: "paused",
                severity: .warning,
                subject: pause.subject.name,
                since: pause.since.iso8601,
                message: pause.subject.what,
                fix: "to go on: \(pause.subject.remedy)"
            )
        }
    }

    private static func problem(of account: AccountCondition, _ waits: [WaitGroup]) -> Problem? {
        guard let block = account.block else { return nil }
        let files = waits.filter { $0.key.account == account.name && $0.key.cause == block.cause }
            .reduce(0) { $0 + $1.files }
        return Problem(
            code: "account-blocked",
            // A rate limit passes by itself.
            severity: block.cause == .rateLimit ? .warning : .error,
            subject: account.name,
            since: block.since.iso8601,
            message:
                "\(account.name) is blocked: \(block.cause.words). \(Words.files(files)) \(files == 1 ? "waits" : "wait")",
            next: block.until.iso8601,
            fix: block.cause.fix(account: account.name)
        )
    }

    /// Files that were pushed through an account that the configuration does not have.
    private static func unknownAccounts(_ facts: ServiceFacts, _ waits: [WaitGroup]) -> [Problem] {
        waits.filter { $0.key.cause == .noAccount }.map { group in
            Problem(
                code: "no-account",
                severity: .error,
                subject: group.key.account,
                since: group.oldest?.iso8601,
                message:
                    "\(Words.files(group.files)) wait for account \(group.key.account ?? ""), which is not configured",
                fix: WaitCause.noAccount.fix(account: group.key.account)
            )
        }
    }

    private static func problems(of folder: ServiceFacts.FolderFacts, _ facts: ServiceFacts) -> [Problem] {
        guard let condition = folder.condition else { return [] }
        var problems: [Problem] = []
        if let trouble = condition.watch.trouble {
            problems.append(
                Problem(
                    code: "folder-unavailable",
                    severity: .error,
                    subject: folder.name,
                    message: "folder \(folder.name) cannot be watched: \(trouble)",
                    fix:
                        "give the folder back to \(folder.path); it is looked for every \(Words.duration(condition.watch.rootInterval))"
                )
            )
        } else if let unread = condition.unread {
            problems.append(
                Problem(
                    code: "folder-unread",
                    severity: .warning,
                    subject: folder.name,
                    message:
                        "\(Words.count(unread.count, "directory", "directories")) of folder \(folder.name) cannot be "
                        + "read, such as \(ManifestKey(unread.first).text): \(unread.reason)",
                    fix: "let the service's user read them"
                )
            )
        }
        if let unmounted = condition.unmounted { problems.append(problem(of: folder.name, unmounted)) }
        return problems + polling(of: folder.name, condition.watch)
    }

    private static func problem(of folder: String, _ unmounted: UnmountedFiles) -> Problem {
        let first = ManifestKey(unmounted.first).text
        let others = unmounted.directories > 1 ? " and \(unmounted.directories - 1) more" : ""
        return Problem(
            code: "folder-unmounted",
            severity: .warning,
            subject: folder,
            message:
                "\(Words.files(unmounted.count)) of folder \(folder) \(unmounted.count == 1 ? "counts" : "count") as there, "
                + "but what they are on is not mounted: \(first)\(others)",
            fix: "mount it. If its files are gone for good: put something into the directory, then outtray rescan"
        )
    }

    /// Polling that nobody wants, and that a person can end. One problem for each cause.
    private static func polling(of folder: String, _ watch: WatchCondition) -> [Problem] {
        let interval = Words.duration(watch.pollInterval)
        return watch.pollCauses.filter { $0.key.isTrouble }.map { cause, number in
            let directories = "\(Words.count(number, "directory", "directories")) of folder \(folder)"
            return Problem(
                code: "folder-polled",
                severity: .warning,
                subject: folder,
                message: "\(directories) \(number == 1 ? "is" : "are") looked at every \(interval): \(cause.words)",
                fix: cause.advice(needing: watch.directories + watch.polledDirectories)
            )
        }
        .sorted { $0.message < $1.message }
    }

    private static func departures(_ facts: ServiceFacts) -> [Problem] {
        guard facts.staying.count > 0 else { return [] }
        let first = facts.staying.first.first.map { ", such as \(ManifestKey($0.path).text): \($0.reason)" } ?? ""
        return [
            Problem(
                code: "cannot-leave",
                severity: .warning,
                message: "\(Words.files(facts.staying.count)) went up and cannot leave their folder\(first)",
                fix: "let the service's user write to the folder and to after_upload's target; mount what is missing"
            )
        ]
    }

    private static func hooks(_ facts: ServiceFacts) -> [Problem] {
        facts.hooks.filter { $0.failingSince != nil }.map { hook in
            Problem(
                code: "hook-fails",
                severity: .warning,
                subject: hook.name,
                since: hook.failingSince?.iso8601,
                message: "hook \(hook.name) fails: \(hook.lastReason ?? "its reason is not known"). "
                    + "\(Words.count(hook.waiting, "event waits", "events wait"))",
                fix: "mend what it calls; it is tried again by itself"
            )
        }
    }

    private static func listener(_ facts: ServiceFacts) -> [Problem] {
        guard let listener = facts.listener, let trouble = listener.trouble else { return [] }
        return [
            Problem(
                code: "not-listening",
                severity: .warning,
                subject: listener.address,
                since: listener.since?.iso8601,
                message: "\(trouble.reason), so nothing listens there",
                fix: "\(trouble.fix); it is tried again by itself"
            )
        ]
    }

    private static func configuration(_ facts: ServiceFacts) -> [Problem] {
        guard let refusal = facts.refusedConfiguration else { return [] }
        return [
            Problem(
                code: "configuration-refused",
                severity: .warning,
                message: "the configuration was not taken, the old one stays: \(refusal)",
                fix: "mend it, then: outtray reload"
            )
        ]
    }

    private static func folder(_ folder: ServiceFacts.FolderFacts, _ facts: ServiceFacts) -> Folder {
        var files = Folder.Files()
        for tally in facts.tallies ?? [] where tally.folder == folder.name {
            switch tally.state {
            case .settling: files.settling += tally.files
            case .queued: files.queued += tally.files
            case .uploading: files.uploading += tally.files
            case .uploaded: files.uploaded += tally.files
            case .rejected: files.rejected += tally.files
            case .skipped: files.skipped = (files.skipped ?? 0) + tally.files
            case .gone: files.gone += tally.files
            }
        }
        let watch = folder.condition?.watch
        return Folder(
            name: folder.name,
            path: ManifestKey(folder.path).text,
            pathEncoding: ManifestKey(folder.path).encoding,
            account: folder.account,
            watch: watch.map { watch in
                switch (watch.directories, watch.polledDirectories) {
                case (0, 0): "none"
                case (_, 0): "inotify"
                case (0, _): "polling"
                case (_, _): "both"
                }
            },
            directories: watch?.directories,
            polledDirectories: watch?.polledDirectories,
            polledBecause: watch.flatMap(reasons),
            files: files,
            acceptsDrops: folder.condition?.acceptsDrops == true ? true : nil,
            lastScan: folder.lastScan?.iso8601,
            nextScan: folder.nextScan?.iso8601,
            overflows: watch?.overflows,
            lastUploaded: facts.lastByFolder[folder.name].map(word)
        )
    }

    /// Why directories are polled; nil if none is.
    private static func reasons(of watch: WatchCondition) -> [String]? {
        watch.polledDirectories == 0 || watch.pollCauses.isEmpty ? nil : watch.pollCauses.keys.map(\.words).sorted()
    }

    private static func account(_ account: AccountCondition) -> Account {
        Account(
            name: account.name,
            provider: account.provider,
            state: account.block != nil ? "blocked" : account.isPaused ? "paused" : "open",
            cause: account.block?.cause,
            reason: account.block?.reason,
            since: account.block?.since.iso8601,
            until: account.block?.until.iso8601,
            inFlight: account.inFlight,
            concurrency: account.concurrency,
            pace: account.rates.map { .init(calls: $0.calls, seconds: $0.window / .seconds(1), used: $0.used) },
            share: account.share
        )
    }

    private static func upload(_ upload: UploadBoard.Upload) -> Upload {
        Upload(
            path: ManifestKey(upload.path).text,
            pathEncoding: ManifestKey(upload.path).encoding,
            account: upload.account,
            phase: upload.phase.rawValue,
            bytes: upload.bytes,
            sent: upload.sent,
            bytesPerSecond: Int64(upload.bytesPerSecond),
            etaSeconds: upload.timeLeft.map(\.components.seconds),
            parts: upload.pieces,
            partsDone: upload.piecesDone
        )
    }

    private static func word(_ word: UploadBoard.Word) -> Word {
        let key = ManifestKey(word.path)
        return Word(path: key.text, pathEncoding: key.encoding, at: word.at.iso8601, message: word.reason)
    }
}
