import Control
import Ledger
import Logging
import Pipeline
import SystemPackage
import Threads
import Watch

/// A file that was named on the command line.
struct PushSource: Sendable {
    let path: FilePath
    /// The watched folder that the file lies in.
    let folder: String?
    /// The directory beneath which the file is opened.
    let root: FilePath
    /// Whether uploaded files leave this folder.
    let leaves: Bool
    /// Why its folder passes over the file; nil if the folder takes it.
    let exclusion: String?
    let classifier: Classifier
}

/// The results of the files, in the order in which they were named.
struct PushOutcome: Sendable {
    enum Line: Sendable {
        case uploaded(FilePath, ManifestEntry)
        case rejected(FilePath, reason: String)
        case waiting(FilePath, reason: String)

        var isRejected: Bool { if case .rejected = self { true } else { false } }
        var isWaiting: Bool { if case .waiting = self { true } else { false } }
    }

    var lines: [Line] = []
}

/// Queues files and reports their results. It works the same whether this process uploads them or the daemon does.
final class PushQueue: Sendable {
    /// What is known of a file by now.
    enum Progress: Sendable {
        case ended(PushOutcome.Line)
        /// For this reason.
        case pending(String)
    }

    private let ledger: SQLiteLedger
    /// Directories whose file system did not answer. No other file in them is waited for.
    private let silent = Mutex<[FilePath: String]>([:])
    /// The queued files, each with its version at that time.
    private let asked = Mutex<[FilePath: FileVersion]>([:])

    init(ledger: SQLiteLedger) {
        self.ledger = ledger
    }

    /// Classifies the files, and queues those that may go up. A file that its folder passes over is not queued, as the
    /// service would let go of it.
    ///
    /// A file that may not go up is not recorded, because it was only named. ``progress(of:)`` looks again and reports
    /// it.
    func queue(_ sources: [PushSource]) async throws {
        for source in sources where source.exclusion == nil {
            guard case .media(let file) = await classify(source) else { continue }
            asked.withLock { $0[source.path] = file.version }
            try await ledger.enqueue(file, at: .now())
        }
    }

    /// How many of the files were queued and are up, gone or rejected by now, by the ledger alone.
    func endedCount(of sources: [PushSource]) async throws -> Int {
        let queued = asked.withLock { Set($0.keys) }
        var count = 0
        for source in sources where queued.contains(source.path) {
            switch try await ledger.record(of: source.path)?.state {
            // The ledger forgets a file that has left.
            case nil, .uploaded, .rejected, .gone: count += 1
            case .settling, .queued, .uploading, .skipped: break
            }
        }
        return count
    }

    /// The result of a file, by the version that is there now. See ``PushAnswer``.
    func progress(of source: PushSource) async throws -> Progress {
        let record = try await ledger.record(of: source.path)
        let content = try await ledger.row(of: source.path)?.content
        let asked = asked.withLock { $0[source.path] }
        let answer = PushAnswer(
            asked: asked,
            now: await look(at: source),
            leaves: source.leaves,
            exclusion: source.exclusion
        )
        switch answer.verdict(record, content) {
        case .uploaded(let entry): return .ended(.uploaded(source.path, entry))
        case .rejected(let reason): return .ended(.rejected(source.path, reason: reason))
        case .waiting(let reason): return .ended(.waiting(source.path, reason: reason))
        case .undecided(let reason): return await progress(of: source, asked, undecided: reason)
        case .pending(let reason):
            if let record, let pause = try await ledger.pause(of: record) {
                return .ended(.waiting(source.path, reason: pause.subject.words))
            }
            guard let record, record.state == .queued, let trouble = try await accountsTrouble(record) else {
                return .pending(reason)
            }
            return .ended(.waiting(source.path, reason: trouble))
        }
    }

    /// Decides where the ledger has no word on the file. The file may be unfit to go up, or have come just now.
    private func progress(
        of source: PushSource,
        _ asked: FileVersion?,
        undecided reason: String
    ) async -> Progress {
        switch await classify(source) {
        case .rejected(let rejection): return .ended(.rejected(source.path, reason: rejection.reason))
        case .unreadableNow(_, let reason): return .ended(.waiting(source.path, reason: reason))
        case .changed: return .ended(.waiting(source.path, reason: "it is still changing"))
        case .media(let file) where source.folder == nil && asked?.hasSameBytes(as: file.version) != true:
            // Nobody looks after this place.
            return .ended(.waiting(source.path, reason: "it has changed since it was named: push it again"))
        case .gone, .media: return .pending(reason)
        }
    }

    /// The cause that the file's whole account waits for; nil if the account does not wait.
    private func accountsTrouble(_ record: FileRecord) async throws -> String? {
        guard let account = record.account else { return nil }
        return try await ledger.heldBack(by: account)?.reason
    }

    private func classify(_ source: PushSource) async -> Classifier.Classification {
        let directory = source.path.removingLastComponent()
        if let reason = silent.withLock({ $0[directory] }) { return .unreadableNow(.fileSystem, reason: reason) }
        let outcome = await source.classifier.classify(source.path)
        if case .unreadableNow(.fileSystem, let reason) = outcome {
            silent.withLock { $0[directory] = reason }
        }
        return outcome
    }

    private func look(at source: PushSource) async -> PushAnswer.Presence {
        let directory = source.path.removingLastComponent()
        if let reason = silent.withLock({ $0[directory] }) { return .unknown(reason) }
        do {
            let (path, root) = (source.path, source.root)
            let status = try await BlockingThreads.shared.run(within: .usual) {
                try FileStatus.of(path, beneath: root)
            }
            guard let status else {
                let reason = Unanswered(at: root).description
                silent.withLock { $0[directory] = reason }
                return .unknown(reason)
            }
            return status.kind == .regular ? .there(status.version) : .noFile
        } catch let error as Errno {
            return FileStatus.meansGone(error) ? .missing : .unknown("it cannot be looked at: \(error)")
        } catch {
            return .unknown("it cannot be looked at: \(error)")
        }
    }
}

/// Uploads in this process, which has the state directory.
struct PushHere {
    let assembly: Assembly
    let ledger: SQLiteLedger
    let fleet: (any FleetMember)?
    let logger: Logger

    func push(_ sources: [PushSource]) async throws -> PushOutcome {
        let log = EventLog(logger: logger)
        let plan = assembly.plan(isWatching: false)
        let pipeline = Pipeline(plan, ledger: ledger, fleet: fleet, logger: logger) { log.observe($0) }
        let queue = PushQueue(ledger: ledger)
        let accounts = plan.accounts.map(\.configured)
        let pass = Pass(
            pipeline: pipeline,
            transfer: assembly.transfer,
            begin: {
                // Files that are up at another account than their account's name means now go up anew.
                _ = try await ledger.adopt(accounts, folders: nil, at: .now())
                try await queue.queue(sources)
                await pipeline.openAccounts()
            },
            isDone: { true },
            result: PassResult()
        )
        try await withBars(named: sources.count) {
            (try await queue.endedCount(of: sources), pipeline.board.uploads, pipeline.board.bytesPerSecond)
        } while: {
            try await Foreground.run(pass, logger: logger)
        }
        var outcome = PushOutcome()
        for source in sources {
            switch try await queue.progress(of: source) {
            case .ended(let line): outcome.lines.append(line)
            case .pending(let reason): outcome.lines.append(.waiting(source.path, reason: reason))
            }
        }
        return outcome
    }
}

/// Lets the daemon upload. Queues in the daemon's ledger, and waits as long as there is a daemon.
struct PushThere {
    let directory: FilePath
    let ledger: SQLiteLedger

    /// Somebody has the lock of the state directory. Where the kernel does not tell, only taking the lock can tell.
    private var daemonIsThere: Bool {
        if StateLock.holder(of: directory) != nil { return true }
        do {
            _ = try StateLock(directory)
            return false
        } catch {
            return true
        }
    }

    func push(_ sources: [PushSource]) async throws -> PushOutcome {
        let queue = PushQueue(ledger: ledger)
        try await queue.queue(sources)
        return try await withBars(named: sources.count) {
            (try await queue.endedCount(of: sources), try await uploads(of: sources), 0)
        } while: {
            var outcome = PushOutcome()
            for source in sources { outcome.lines.append(try await line(of: source, queue)) }
            return outcome
        }
    }

    /// The uploads of these files, as the service tells. None if it does not.
    private func uploads(of sources: [PushSource]) async throws -> [UploadBoard.Upload] {
        let client = ControlClient(SocketPlace.ofService(stateDirectory: directory))
        let status = try? StatusReport(json: await client.get("/api/v1/status", within: .seconds(2)))
        return sources.compactMap { status?.upload(of: $0.path) }
    }

    /// Waits for the result of a file, as long as a daemon works on it.
    private func line(of source: PushSource, _ queue: PushQueue) async throws -> PushOutcome.Line {
        while true {
            let hasEnded = !daemonIsThere
            if case .ended(let line) = try await queue.progress(of: source) { return line }
            if hasEnded { return .waiting(source.path, reason: "the daemon has ended; its next start goes on") }
            if EarlySignals.wantEnd { return .waiting(source.path, reason: "interrupted; the daemon goes on") }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
