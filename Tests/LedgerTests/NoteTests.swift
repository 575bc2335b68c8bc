import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct NoteTests {
    private let ledger: SQLiteLedger
    private let counter = CommitCounter()

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
        ledger.database.add(transactionObserver: counter, extent: .databaseLifetime)
    }

    private func paths(_ count: Int, in directory: FilePath = "/in") -> [FilePath] {
        (0..<count).map { directory.appending("\($0)") }
    }

    @Test func `thousands of files settle and leave in few commits`() async throws {
        let paths = paths(2000)

        try await ledger.recordSettling(paths.map { settling($0) }, at: at(1))
        try await ledger.recordGone(paths, at: at(2))

        #expect(counter.count == 2 * 8)
        #expect(try await ledger.counts() == [:])
    }

    @Test func `settling files are taken when their time has come, the earliest first, and each once`() async throws {
        let files = (1...4).map { found(FilePath("/in/\($0)"), Int64($0)) }
        let times: [Timestamp?] = [at(30), at(10), at(20), nil]
        var notes = zip(files, times).map { SettlingFile($0, reason: "too young", due: $1) }
        notes.append(SettlingFile(FoundFile(folder: "else", path: "/5", version: version(5)), reason: "x", due: at(5)))
        try await ledger.recordSettling(notes, at: at(1))

        let rounds: [(time: Int64, limit: Int, taken: [Int], next: Int64)] = [
            (9, 9, [], 10), (25, 1, [1], 20), (25, 9, [2], 30), (25, 9, [], 30),
        ]
        for (time, limit, taken, next) in rounds {
            let due = try await ledger.takeDue(in: "inbox", by: at(time), limit: limit)
            #expect(due.files == taken.map { files[$0] })
            #expect(due.next == at(next))
        }
        let settling = try await ledger.settling(at: ["/in/1", "/in/2", "/in/none"])
        #expect(settling.map(\.due) == [at(30), nil])
    }

    @Test func `what Settle is told at once shares commits`() async throws {
        let plan = FolderPlan(
            name: "inbox",
            path: "/in",
            account: "main",
            settle: .seconds(2),
            settleRenamed: .seconds(1),
            admission: Admission(provider: "p", acceptedTypes: [.jpeg], limits: SizeLimits())
        )
        let clock = ManualClock()
        let settler = Settler(
            folders: [plan],
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock) { _ in },
            clock: clock
        ) { _ in }

        await settler.handle((0..<512).map { .gone(FilePath("/in/\($0)")) } + [.found(found("/in/new"))])
        #expect(counter.count == 1)
        await settler.recordLeaving()

        #expect(counter.count == 3)
        #expect(try await ledger.waiting(limit: 9).map(\.path) == ["/in/new"])
    }

    @Test func `the notes of one path are taken in their order`() async throws {
        try await ledger.record([.settling(settling("/in/a")), .gone("/in/a")], at: at(1))
        try await ledger.record([.gone("/in/b"), .settling(settling("/in/b"))], at: at(1))
        let notes: [FileNote] = [.settling(settling("/in/d/c")), .goneBelow("/in/d"), .settling(settling("/in/d/e"))]
        try await ledger.record(notes, at: at(1))

        #expect(try await ledger.waiting(limit: 9).map(\.path) == ["/in/b", "/in/d/e"])
    }

    @Test func `a directory of thousands leaves whole, and so does what comes after it`() async throws {
        try await ledger.recordSettling(paths(600, in: "/in/d").map { settling($0) }, at: at(1))
        try await ledger.recordSettling([settling("/in/e"), settling("/in/f")], at: at(1))

        try await ledger.record([.gone("/in/e"), .goneBelow("/in/d"), .goneBelow("/in/none")], at: at(2))

        #expect(try await ledger.waiting(limit: 9).map(\.path) == ["/in/f"])
        #expect(counter.count == 4 + 3)
    }

    @Test func `another caller's write comes in between thousands of notes`() async throws {
        try await ledger.recordSettling(paths(4000).map { settling($0) }, at: at(1))
        let before = counter.count

        let behind = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await ledger.recordGone(paths(4000), at: at(2))
                return nil
            }
            group.addTask {
                try await untilSo { counter.count > before }
                try await ledger.enqueue(media("/in/new"), at: at(2))
                return counter.count
            }
            return try await group.reduce(0) { $0 + ($1 ?? 0) }
        }

        // All of them take sixteen commits; a caller waits for the one under way, and for one that came before it.
        #expect(behind < before + 16)
        #expect(try await ledger.counts() == [.queued: 1])
    }

    @Test func `what was let go of is known for a day`() async throws {
        let day: Int64 = 86_400_000
        try await ledger.enqueue(media("/old/a", folder: "old"), at: at(1))
        let waiting = try await ledger.waiting(after: 0, limit: 9)
        try await ledger.dismiss(waiting.map { ($0, .letGo("its folder is not watched any more")) }, at: at(2))
        try await ledger.tidy(at: at(2 + day))
        #expect(try await ledger.state("/old/a") == .gone)

        try await ledger.tidy(at: at(3 + day))

        #expect(try await ledger.state("/old/a") == nil)
    }
}
