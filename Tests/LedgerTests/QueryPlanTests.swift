import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Ledger

/// The plan of every statement that the ledger runs: none reads, or sorts, more with each file that there is.
@Suite(.timeLimit(.minutes(5))) struct QueryPlanTests {
    private let ledger: SQLiteLedger
    private let statements = Statements()

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
        let statements = statements
        ledger.database.writeWithoutTransaction { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                statements.add(statement.sql)
            }
        }
    }

    /// What was run, each once.
    private final class Statements: Sendable {
        private let state = Mutex<Set<String>>([])
        var all: [String] { state.withLock { $0.sorted() } }
        func add(_ statement: String) { state.withLock { _ = $0.insert(statement) } }
    }

    /// What reads all there is, and how often that is done.
    private static let whole = [
        // A walk over the manifest: the snapshot, at most a tenth of the time; the journal, past four lines an entry.
        "LEFT JOIN assets a ON a.id = m.asset WHERE m.code IS", "LEFT JOIN assets a ON a.id = m.asset ORDER BY",
        // As many rows as there are accounts and keys in the configuration, or were.
        "FROM account_keys", "FROM accounts", "FROM account_names",
        // Once an hour: as many rows as there are files that somebody asked for since.
        "DELETE FROM wanted",
        // As many rows as there are pauses.
        "FROM pauses",
        // Asked by a person: as many as there are assets that their provider could not process.
        "FROM assets a INDEXED BY assets_failed",
        // Asked by tests alone.
        "JOIN account_keys k ON k.account = a.holder",
        // As many rows as there are hooks in the configuration.
        "FROM hooks LIMIT 1", "FROM hooks ORDER BY", "DELETE FROM hooks", "DELETE FROM hook_directories",
        // At a start and a reload: as many rows as there are directories that are not told yet.
        "UPDATE hook_directories SET due = ?1",
        // At the end of a pass.
        "SELECT state, count(*) FROM files GROUP BY state", "SELECT count(*) FROM departures WHERE attempts > 0",
        // When a pass may be at its end: as many as there are assets that their provider is processing.
        "FROM assets a INDEXED BY assets_look JOIN departures",
        // Once at a start: all departures are tried anew.
        "UPDATE departures SET due = ?, attempts = 0",
        // All that wait, for somebody who waits for a directory.
        "SELECT path FROM files INDEXED BY files_waiting",
        // All that wait, at a start whose folders have changed.
        "SELECT 1 FROM files INDEXED BY files_waiting",
        // As many as there are accounts and keys in the configuration, or were; and a question of the tests' own.
        "FROM accounts", "account FROM account_keys", "FROM assets a JOIN account_keys",
    ]

    @Test func `no call that is made for each file reads or sorts all files`() async throws {
        var random = SeededGenerator(seed: 7)
        var model = LedgerModel()
        for step in 0..<400 { try await LedgerModelTests().call(step, ledger, &model, &random) }
        try await callAll()

        let statements = statements.all.filter { statement in
            // "--" begins what a trigger runs; a savepoint and the like have no plan.
            ["SELECT", "INSERT", "UPDATE", "DELETE"].contains { statement.hasPrefix($0) }
                && !Self.whole.contains { statement.contains($0) }
        }

        #expect(statements.count > 50)
        for statement in statements {
            for step in try await plan(of: statement) {
                // In an index's order, up to a limit.
                let isBounded = step.contains("USING INDEX") && statement.contains("LIMIT ?")
                // Rows that the statement itself gives.
                let isOwn = step.contains("CONSTANT ROW")
                let isScan = step.hasPrefix("SCAN") && !isBounded && !isOwn
                let isWhole = isScan || step.contains("TEMP B-TREE") || step.contains("AUTOMATIC")
                #expect(!isWhole, "\(step): \(statement)")
            }
        }
    }

    private func plan(of statement: String) async throws -> [String] {
        try await ledger.database.read { db in
            let query = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + statement)
            query.setUncheckedArguments([])
            return try Row.fetchAll(query).map { $0["detail"] }
        }
    }

    private func callDepartures() async throws {
        _ = try await ledger.departures(of: "inbox", dueBy: at(9), limit: 9)
        _ = try await ledger.departures(exceptFolders: ["inbox"], after: 0, limit: 9)
        _ = try await ledger.nextDeparture(of: "inbox", after: at(1))
        _ = try await ledger.hasDueDepartures(of: ["inbox"], accounts: ["main"], at: at(9))
        _ = try await ledger.failedDepartures(limit: 9)
        try await ledger.openDepartures()
        let file = media("/dep/a", 5)
        try await ledger.start(file)
        try await ledger.complete(
            file,
            provider: "postbreeze",
            sha256: digest(5),
            receipt: receipt("m5"),
            leaving: .delete,
            at: at(5)
        )
        let departure = try #require(try await ledger.departures(of: "inbox", dueBy: at(9), limit: 9).first)
        _ = try await ledger.departure(departure.id)
        try await ledger.recordAim("b", of: departure)
        try await ledger.postpone(departure, reason: "busy", due: at(2), failed: true)
        try await ledger.finish(departure, movedTo: nil)
        try await ledger.drop(departure)
    }

    private func callHooks() async throws {
        let wishes = [HookWish(name: "up", trigger: .uploaded, folder: nil)]
        try await ledger.adopt(wishes + [HookWish(name: "no", trigger: .rejected, folder: "inbox")])
        try await ledger.record(
            AccountBlock(account: "main", cause: .quota, reason: "full", until: at(9)),
            at: at(8)
        )
        try await ledger.adopt(wishes + [HookWish(name: "all", trigger: .folderReady, folder: nil)])
        let file = media("/hook/a", 6)
        try await ledger.start(file)
        try await ledger.complete(file, provider: "p", sha256: digest(6), receipt: receipt("m6"), at: at(5))
        _ = try await ledger.hasNewDirectories()
        _ = try await ledger.recordReadyDirectories(at: .steady().advanced(by: .seconds(60)))
        _ = try await ledger.nextEvent(of: "up", after: at(1))
        _ = try await ledger.hasNewEvents(of: ["up"], at: at(9))
        _ = try await ledger.countEvents(of: "up")
        let event = try #require(try await ledger.events(of: "up", dueBy: at(9), limit: 9).first)
        try await ledger.postpone(event, reason: "busy", due: at(2), now: at(1))
        try await ledger.end(event, failure: nil, at: at(9))
        try await ledger.adopt(wishes)
    }

    private func callActions() async throws {
        try await ledger.pause([.all, .folder(name: "q", path: "/q")], at: at(1))
        try await ledger.enqueue(media("/act/a", 3), at: at(1))
        _ = try await ledger.pause(of: try #require(try await ledger.record(of: "/act/a")))
        try await ledger.resume([.all])
        _ = try await ledger.retryable(.queued, after: 0, limit: 9)
        _ = try await ledger.retryable(.rejected, after: 0, limit: 9)
        _ = try await ledger.withFailedAssets()
        try await ledger.upload(media("/act/b", 4), 4, .failed)
        try await ledger.reject(found("/act/c", 5), tooLarge, at: at(1))
        let pushed = media("/act/d", 6, folder: nil)
        try await ledger.start(pushed)
        try await ledger.reject(pushed, tooLarge, at: at(2))
        _ = try await ledger.retry(["/act/a", "/act/b", "/act/c", "/act/d"], watched: ["inbox"], at: at(2))
        try await ledger.recordGone(["/act/b"], at: at(3))
        _ = try await ledger.forget(["/act/b"], at: at(4))
        try await ledger.forgetLeft(before: at(5))
    }

    private func callSidecars() async throws {
        try await ledger.start(media("/side/a.jpg", 7))
        try await ledger.complete(
            media("/side/a.jpg", 7),
            provider: "p",
            sha256: digest(7),
            receipt: receipt("m7"),
            at: at(5)
        )
        let sidecars = (0..<200).map { found(FilePath("/side/a.\($0)")) }
        _ = try await ledger.unnoted(among: sidecars)
        for sidecar in sidecars.prefix(3) { try await ledger.noteSidecar(sidecar, at: at(1)) }
        _ = try await ledger.sidecars(beneath: "/side", after: "/side/a.0", limit: 9)
        try await ledger.dropSidecars(["/side/a.0"])
        try await ledger.recordGone(beneath: "/side", at: at(3))
    }

    /// What the model does not call.
    private func callAll() async throws {
        let held = HeldBack(roots: ["/in"], files: ["/in/a"], directories: ["/in/sub"])
        let ticket = Ticket(receipt: receipt("m1"), pieces: [])
        let (file, moved) = (media("/q/a", 3), media("/q/b", 3).after(change: 1))
        _ = try await ledger.unhandled(among: (0..<200).map { found(FilePath("/q/\($0)")) })
        _ = try await ledger.otherNames(of: [found("/q/a", 3)], limit: 9)
        _ = try await ledger.present(in: "inbox", after: "/in/a", limit: 9)
        _ = try await ledger.record(of: "/q/a")
        _ = try await ledger.steps(of: "/q/a")
        _ = try await ledger.waiting(limit: 9)
        _ = try await ledger.heldBack(by: "main")
        _ = try await ledger.waiting(beneath: "/q")
        _ = try await ledger.settling(at: ["/q/a"])
        _ = try await ledger.takeDue(in: "inbox", by: at(1), limit: 9)
        for portion in [Portion.smallest, .oldest(3, large: 1...2)] {
            _ = try await ledger.claim(account: "main", portion, except: held, at: at(1))
        }
        _ = try await ledger.nextDue(account: "main")
        _ = try await ledger.nextDue(account: "main", except: held)
        try await ledger.recover(at: at(1))
        try await ledger.recover(account: "main", at: at(1))
        let judged = try await ledger.waiting(after: 0, limit: 9)
        try await ledger.dismiss(judged.map { ($0, .letGo("ignored now")) }, at: at(1))
        try await ledger.enqueue(media("/q/stray", 3, account: "none"), at: at(1))
        _ = try await ledger.queuedAccounts()
        _ = try await ledger.explain(account: "none", after: 0, cause: .noAccount, reason: "not there")
        try await ledger.tidy(at: at(1))
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.recordBytes(digest(3), of: file, with: ticket, askedAt: at(2))
        _ = try await ledger.hasUploads(besides: moved)
        try await ledger.recordGone(["/q/a"], at: at(3))
        try await ledger.start(moved)
        _ = try await ledger.upload(of: moved)
        _ = try await ledger.upload(of: moved, sha256: digest(3))
        try await ledger.postponeRefused(moved)
        _ = try await ledger.isRefusalContradicted(of: moved)
        try await ledger.leaveUpload(of: moved)
        try await ledger.dropUpload(of: moved)
        _ = try await ledger.earlierPaths(of: moved, showing: KnownAsset(id: 1, sha256: digest(3)))
        _ = try await ledger.paths(ofAsset: 1)
        _ = try await ledger.processing(account: "main", at: at(9), limit: 9)
        _ = try await ledger.nextLook(account: "main")
        _ = try await ledger.changes(after: 0, limit: 9)
        _ = try await ledger.oldestChange()
        _ = try await ledger.revision()
        _ = try await ledger.rowCount()
        _ = try await ledger.row(of: "/in/a")
        _ = try await ledger.rows()
        _ = try await ledger.rows(by: .revision)
        try await ledger.pruneChanges(through: 1)
        try await callDepartures()
        try await callHooks()
        try await callActions()
        try await callSidecars()
        try await ledger.nameFolders([
            WatchedFolder(name: "deep", path: "/in/deep"), WatchedFolder(name: "flat", path: "/q", recursive: false),
        ])
        for recursive in [true, false] {
            let folders = ["inbox", "q"].map { WatchedFolder(name: $0, path: "/q", recursive: recursive) }
            _ = try await ledger.unwatched(by: folders, after: nil, limit: 9)
        }
        try await ledger.database.write { db in
            try db.run("UPDATE counters SET value = value + 5000 WHERE name = 'hidden'")
            try ManifestTable.pruneHidden(in: db)
        }
    }
}
