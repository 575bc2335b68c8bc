import GRDB
import Logging
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

@Suite struct StepsTests {
    private let ledger: SQLiteLedger
    private let file = media("/in/a")
    private static let day: Int64 = 86_400_000

    init() throws {
        ledger = try SQLiteLedger(inMemory: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func kinds(_ path: FilePath = "/in/a") async throws -> [FileStep.Kind] {
        try await ledger.steps(of: path).map(\.kind)
    }

    private var ticket: Ticket {
        let pieces = (0..<3).map { Piece(index: $0, range: Int64($0)..<Int64($0 + 1), url: "https://x", headers: []) }
        return Ticket(receipt: receipt("m1", .processing), pieces: pieces)
    }

    @Test func `a file's way from its first sight to its entry is told step by step`() async throws {
        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        try await ledger.enqueue(file, at: at(2))
        _ = try await ledger.claim(account: "main", .oldest(1), at: at(3))
        try await ledger.beginUpload(of: file, at: at(3))
        try await ledger.recordTicket(ticket, of: file, at: at(4))
        for index in 0..<3 {
            try await ledger.recordAnswer(PieceAnswer(index: index, status: 200, headers: []), of: file)
        }
        try await ledger.complete(
            file,
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1", .processing),
            at: at(9)
        )

        let steps = try await ledger.steps(of: file.path)
        #expect(
            steps.map(\.kind) == [.seen, .settled, .classified, .queued, .asked, .sent, .finished]
        )
        #expect(steps[0].facts.bytes == file.size && steps[0].at == at(1))
        #expect(steps[2].facts.mimeType == .jpeg && steps[2].facts.kind == .image)
        #expect(steps[3].facts.account == "main")
        #expect(steps[4].facts.pieces == 3 && steps[4].facts.asset == "urn:m1")
        #expect(steps[5].times == 3 && steps[5].last != nil)
        #expect(steps[6].facts.status == .processing && steps[6].at == at(9))
    }

    @Test func `equal postponements are one step that counts, another cause is another step`() async throws {
        try await ledger.enqueue(file, at: at(1))
        for cause in [WaitCause.unreachable, .unreachable, .unreachable, .quota, .unreachable] {
            _ = try await ledger.claim(account: "main", .oldest(1), at: at(2))
            try await ledger.postpone(file, Postponement(cause, reason: "no"))
        }

        let steps = try await ledger.steps(of: file.path).filter { $0.kind == .postponed }

        #expect(steps.map(\.facts.cause) == [.unreachable, .quota, .unreachable])
        #expect(steps.map(\.times) == [3, 1, 1])
        #expect(steps.map { $0.last != nil } == [true, false, false])
    }

    @Test func `a file that another process holds open, or that changes, says so once and counts`() async throws {
        let held = SettlingFile(found("/in/a"), cause: .heldOpen, reason: "held open")
        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        for time in 2..<5 { try await ledger.recordSettling([held], at: at(Int64(time))) }
        try await ledger.recordSettling([settling("/in/a", 2)], at: at(6))

        let steps = try await ledger.steps(of: "/in/a")

        #expect(steps.map(\.kind) == [.seen, .held, .changed])
        #expect(steps[1].times == 3 && steps[1].at == at(2) && steps[1].last == at(4))
        #expect(steps[2].facts.bytes == version(2).size)
    }

    @Test func `what a postponed claim of another version would say is not told`() async throws {
        try await ledger.enqueue(media("/in/a", 2), at: at(1))

        try await ledger.postpone(file, Postponement(.quota, reason: "no"))
        try await ledger.returnToSettling(file, reason: "no", at: at(2))

        #expect(try await kinds() == [.seen, .settled, .classified, .queued])
    }

    @Test func `a rejection, its code and its words are told, before a file is queued and after`() async throws {
        try await ledger.reject(found("/in/b"), tooLarge, at: at(1))
        try await ledger.start(file)
        try await ledger.reject(file, Rejection(.refusedByProvider, "no"), at: at(2))

        #expect(try await ledger.steps(of: "/in/b").last?.facts.code == .tooLarge)
        #expect(try await ledger.steps(of: "/in/a").last?.facts == .init(code: .refusedByProvider, reason: "no"))
    }

    @Test func `a restart queues what was under way, and tells it`() async throws {
        try await ledger.start(file)
        try await ledger.enqueue(media("/in/b"), at: at(1))

        try await ledger.recover(at: at(7))

        #expect(try await kinds() == [.seen, .settled, .classified, .queued, .queued])
        #expect(try await ledger.steps(of: "/in/a").last?.at == at(7))
        #expect(try await kinds("/in/b").count == 4)
    }

    @Test func `a moved entry is told at both paths`() async throws {
        try await ledger.upload(media("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: version(1).size).first)
        try await ledger.start(media("/in/b"))

        try await ledger.reuse(asset, for: media("/in/b"), movedFrom: "/in/a", at: at(9))

        #expect(try await ledger.steps(of: "/in/b").last?.kind == .moved)
        #expect(try await ledger.steps(of: "/in/b").last?.facts.path == "/in/a")
        #expect(try await ledger.steps(of: "/in/a").last == FileStep(.left, at: at(9), .init(path: "/in/b")))
    }

    @Test func `a departure and the provider's word on an asset are told`() async throws {
        try await ledger.start(file)
        try await ledger.complete(
            file,
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1", .processing),
            leaving: .move("/done"),
            at: at(5)
        )
        let asset = try #require(try await ledger.processing(account: "main", at: .steady(), limit: 1).first)
        try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(8))
        let departure = try #require(try await ledger.departures(of: "inbox", dueBy: .steady(), limit: 1).first)
        try await ledger.finish(departure, movedTo: "/done/a")

        let steps = try await ledger.steps(of: "/in/a").suffix(2)

        #expect(steps.map(\.kind) == [.status, .departed])
        #expect(steps.first?.facts.status == .ready && steps.last?.facts.path == "/done/a")
    }

    @Test func `a file that leaves is told once, and one that was never known not at all`() async throws {
        try await ledger.upload(file)

        try await ledger.recordGone(["/in/a", "/in/none"], at: at(6))
        try await ledger.recordGone(["/in/a"], at: at(7))

        #expect(try await kinds().filter { $0 == .left }.count == 1)
        #expect(try await kinds("/in/none") == [])
    }

    @Test func `a path keeps its latest steps, 64 at most`() async throws {
        for number in 1...100 {
            try await ledger.reject(found("/in/a", 1), Rejection(.tooLarge, "\(number)"), at: at(Int64(number)))
        }
        try await ledger.reject(found("/in/b"), tooLarge, at: at(1))

        let steps = try await ledger.steps(of: "/in/a")

        #expect(steps.count == 48)
        #expect(steps.first?.facts.reason == "53" && steps.last?.facts.reason == "100")
        #expect(try await kinds("/in/b").count == 1)
    }

    @Test func `steps of one commit share a row`() async throws {
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.recordTicket(ticket, of: file, at: at(3))
        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("m1"), at: at(4))

        let rows = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM steps") }
        #expect(rows == 3)
        let steps = try await ledger.steps(of: file.path)
        #expect(steps.map(\.kind) == [.seen, .settled, .classified, .queued, .asked, .sent, .finished])
        #expect(steps.prefix(4).allSatisfy { $0.at == at(1) })
        #expect(steps[0].facts == .init(bytes: file.size) && steps[1].facts == .init())
        #expect(steps[2].facts == .init(mimeType: .jpeg, kind: .image) && steps[3].facts == .init(account: "main"))
        #expect(steps[5] == FileStep(.sent, at: at(4)))
        #expect(steps[6] == FileStep(.finished, at: at(4), .init(asset: "urn:m1", status: .ready)))
    }

    @Test func `steps of earlier versions have a row each`() async throws {
        let old: [(FileStep.Kind, FileStep.Facts)] = [
            (.seen, .init(bytes: 5)), (.settled, .init()), (.classified, .init(mimeType: .jpeg, kind: .image)),
            (.queued, .init(account: "main")), (.asked, .init(asset: "m1", pieces: 1)), (.sent, .init()),
            (.finished, .init(asset: "m1", status: .ready)),
        ]
        try await ledger.write { db in
            for (kind, facts) in old { try StepsTable.add(kind, facts, of: "/in/a", at: at(1), in: db) }
        }

        let steps = try await ledger.steps(of: "/in/a")

        #expect(steps == old.map { FileStep($0, at: at(1), $1) })
    }

    @Test func `however often a file goes up anew, 64 steps are the most`() async throws {
        for number in 1...30 {
            try await ledger.start(media("/in/a", Int64(number % 8) + 1))
            let file = media("/in/a", Int64(number % 8) + 1)
            try await ledger.beginUpload(of: file, at: at(1))
            try await ledger.recordTicket(ticket, of: file, at: at(1))
            try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
            let receipt = receipt("\(number)", .processing)
            try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt, at: at(2))
            for asset in try await ledger.processing(account: "main", at: .steady(), limit: 1) {
                try await ledger.recordStatus(.ready, of: asset, nextLook: nil, at: at(3))
            }

            #expect(try await ledger.steps(of: "/in/a").count <= 64)
        }
    }

    @Test func `the steps of a file that left go after 30 days, those of a later file at its path stay`() async throws {
        let start = 100 * Self.day
        for path in ["/in/a", "/in/b", "/in/c"] as [FilePath] {
            try await ledger.recordSettling([settling(path)], at: at(start))
        }
        try await ledger.recordGone(["/in/a", "/in/b"], at: at(start))
        try await ledger.recordSettling([settling("/in/b", 2)], at: at(start + 1))

        try await ledger.tidy(at: at(start + 30 * Self.day))
        #expect(try await kinds("/in/a") == [.seen, .left])
        try await ledger.tidy(at: at(start + 30 * Self.day + 1))

        #expect(try await kinds("/in/a") == [])
        #expect(try await kinds("/in/b") == [.seen])
        #expect(try await kinds("/in/c") == [.seen], "it is still there")
    }

    @Test func `however many files leave, the steps of the newest ten thousand are kept`() async throws {
        let count = StepsTable.mostEnded + 3 * StepsTable.endedAtATime
        try await ledger.write { db in
            try StepsTable.add(.seen, of: "/in/stays", at: at(1), in: db)
            for number in 0..<count {
                let path = FilePath("/in/\(number)")
                try StepsTable.add(.seen, of: path, at: at(Int64(number)), in: db)
                try StepsTable.add(number % 2 == 0 ? .left : .departed, of: path, at: at(Int64(number)), in: db)
            }
        }

        let kept = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM steps") }
        #expect(kept == 1 + 2 * StepsTable.mostEnded)
        #expect(try await kinds("/in/stays") == [.seen])
        #expect(try await kinds(FilePath("/in/\(3 * StepsTable.endedAtATime - 1)")) == [])
        #expect(try await kinds(FilePath("/in/\(3 * StepsTable.endedAtATime)")) == [.seen, .left])
    }

    @Test(arguments: FileStep.Kind.allCases)
    func `each kind of step is read as it was written, with all facts`(kind: FileStep.Kind) async throws {
        let facts = FileStep.Facts(
            bytes: .max,
            mimeType: .mp4,
            kind: .video,
            account: "ma\"in",
            asset: "urn:\u{1F4F7}",
            pieces: 50,
            cause: .heldOpen,
            code: .empty,
            reason: "line\nline",
            status: .failed,
            path: "/in/x%25"
        )
        try await ledger.write { try StepsTable.add(kind, facts, of: "/in/a", at: at(3), in: $0) }

        #expect(try await ledger.steps(of: "/in/a") == [FileStep(kind, at: at(3), facts)])
    }
}
