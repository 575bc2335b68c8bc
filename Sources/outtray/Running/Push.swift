import Control
import Ledger
import Logging
import Pipeline
import Synchronization
import SystemPackage

/// A file that was named on the command line.
struct PushSource: Sendable {
    let path: FilePath
    let classifier: Classifier
}

/// What became of the files, in the order they were named.
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

/// Queues files and tells what became of them; the same whether this process uploads them or the daemon does.
final class PushQueue: Sendable {
    private let ledger: SQLiteLedger
    /// Directories whose file system did not answer: no other file of theirs is waited for.
    private let silent = Mutex<[FilePath: String]>([:])

    init(ledger: SQLiteLedger) {
        self.ledger = ledger
    }

    /// Classifies and queues; what cannot go up is recorded as rejected.
    func queue(_ sources: [PushSource]) async throws {
        for source in sources {
            switch await classify(source) {
            case .media(let file):
                try await ledger.enqueue(file, at: .now())
            case .rejected, .changed, .gone, .unreadableNow:
                // Told by `line(of:)`, which looks again: a file that was only named is not recorded.
                continue
            }
        }
    }

    /// What is known of a file by now; nil while it is on its way.
    func line(of source: PushSource) async throws -> PushOutcome.Line? {
        guard let record = try await ledger.record(of: source.path) else {
            return await unqueued(source)
        }
        switch record.state {
        case .uploaded:
            guard case .entry(let entry) = try await ledger.row(of: source.path)?.content else { return nil }
            return .uploaded(source.path, entry)
        case .rejected:
            guard case .rejected(let rejection) = try await ledger.row(of: source.path)?.content else { return nil }
            return .rejected(source.path, reason: rejection.rejection.reason)
        case .queued where record.attempts >= Pipeline.triesAPass || Unanswered.isReason(record.reason):
            return .waiting(source.path, reason: record.reason)
        case .queued:
            return try await accountsTrouble(record).map { .waiting(source.path, reason: $0) }
        // It changed while it was sent, and nobody watches the place it is in.
        case .settling where record.folder == nil:
            return .waiting(source.path, reason: record.reason)
        case .gone, .settling: return await unqueued(source)
        case .uploading: return nil
        }
    }

    /// What the file's whole account waits for; nil where it does not.
    private func accountsTrouble(_ record: FileRecord) async throws -> String? {
        let others = try await ledger.waiting(limit: 1000).filter { $0.account == record.account }
        guard !others.contains(where: { $0.state == .uploading }) else { return nil }
        return others.map(\.reason).first { $0.hasPrefix("account ") }
    }

    private func classify(_ source: PushSource) async -> Classifier.Outcome {
        let directory = source.path.removingLastComponent()
        if let reason = silent.withLock({ $0[directory] }) { return .unreadableNow(reason) }
        let outcome = await source.classifier.classify(source.path)
        if case .unreadableNow(let reason) = outcome, Unanswered.isReason(reason) {
            silent.withLock { $0[directory] = reason }
        }
        return outcome
    }

    private func unqueued(_ source: PushSource) async -> PushOutcome.Line? {
        switch await classify(source) {
        case .rejected(let rejection): .rejected(source.path, reason: rejection.reason)
        case .gone: .rejected(source.path, reason: "there is no such file, or it is no regular file")
        case .changed: .waiting(source.path, reason: "it is still changing")
        case .unreadableNow(let reason): .waiting(source.path, reason: reason)
        case .media: nil
        }
    }
}

/// Uploads in this process, which has the state directory.
struct PushHere {
    let assembly: Assembly
    let ledger: SQLiteLedger
    let logger: Logger

    func push(_ sources: [PushSource]) async throws -> PushOutcome {
        let progress = ProgressLine()
        let log = EventLog(logger: logger)
        let plan = assembly.planWithoutFolders()
        let pipeline = Pipeline(plan, ledger: ledger, logger: logger) { event in
            progress.take(event)
            log.take(event)
        }
        let queue = PushQueue(ledger: ledger)
        let accounts = plan.accounts.map(\.configured)
        let pass = Pass(
            pipeline: pipeline,
            transfer: assembly.transfer,
            begin: {
                // What is up at another account than its name means now goes up anew.
                _ = try await ledger.adopt(accounts, folders: nil, at: .now())
                try await queue.queue(sources)
                await pipeline.openAccounts()
            },
            isDone: { true },
            result: PassResult()
        )
        try await Foreground.run(pass, logger: logger)
        progress.end()
        var outcome = PushOutcome()
        for source in sources {
            let line = try await queue.line(of: source)
            outcome.lines.append(line ?? .waiting(source.path, reason: "broken off"))
        }
        return outcome
    }
}

/// Lets the daemon upload: queues in its ledger, and waits for as long as there is a daemon.
struct PushThere {
    let directory: FilePath
    let ledger: SQLiteLedger

    /// Somebody has the lock of the state directory.
    private var daemonIsThere: Bool {
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
        var outcome = PushOutcome()
        for source in sources {
            var line = try await queue.line(of: source)
            while line == nil, daemonIsThere {
                try await Task.sleep(for: .milliseconds(200))
                line = try await queue.line(of: source)
            }
            let ended = "the daemon has ended; its next start goes on"
            outcome.lines.append(line ?? .waiting(source.path, reason: ended))
        }
        return outcome
    }
}
