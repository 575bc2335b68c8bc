import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

/// Random sequences of calls against ``LedgerModel``; a failing run names its seed, which belongs into `seeds` then.
@Suite struct LedgerModelTests {
    private static let seeds: [UInt64] = [1, 2] + (0..<3).map { _ in .random(in: 3 ... .max) }
    /// In byte order.
    private static let paths: [FilePath] = ["/in/a", "/in/b", "/in/d/a", "/in/d/e/b", "/in/d0"]
    /// Of two small versions and a large one.
    private static let numbers: [Int64] = [1, 2, 9]
    private static let portions: [Portion] = [
        .smallest, .oldest(1), .oldest(3), .oldest(1, large: 1...1), .oldest(3, large: 1...2), .oldest(2, large: 0...0),
    ]
    private static let rejections = [tooLarge, Rejection(.empty, "it is empty")]

    @Test(.timeLimit(.minutes(5)), arguments: seeds)
    func `any sequence of calls leaves what the model says, and its changes replay to it`(seed: UInt64) async throws {
        print("ledger model: seed \(seed)")
        let folder = try TemporaryFolder()
        var ledger = try folder.ledger()
        var model = LedgerModel()
        var random = SeededGenerator(seed: seed)

        for step in 0..<250 {
            try await call(step, ledger, &model, &random)
            try await compareFiles(ledger, model, "seed \(seed), step \(step)")
            guard step % 50 == 49 else { continue }
            try await compareManifest(ledger, model, "seed \(seed), step \(step)")
            try ledger.close()
            ledger = try folder.ledger()
            try await ledger.recover(at: at(Int64(step)))
            model.recover()
        }
    }

    func call(
        _ step: Int,
        _ ledger: SQLiteLedger,
        _ model: inout LedgerModel,
        _ random: inout SeededGenerator
    ) async throws {
        let time = at(Int64(step))
        let path = try #require(Self.paths.randomElement(using: &random))
        let number = try #require(Self.numbers.randomElement(using: &random))
        let file = media(path, number)
        let rejection = try #require(Self.rejections.randomElement(using: &random))
        switch Int.random(in: 0..<13, using: &random) {
        case 0:
            try await ledger.recordSettling([settling(path, number)], at: time)
            model.settle(path, number)
        case 1, 2:
            try await ledger.enqueue(file, at: time)
            model.enqueue(path, number)
        case 3:
            try await ledger.reject(found(path, number), rejection, at: time)
            model.reject(path, number, rejection)
        case 4:
            try await ledger.recordGone([path], at: time)
            model.leave([path])
        case 5:
            guard Bool.random(using: &random) else { return }
            try await ledger.recordGone(beneath: "/in/d", at: time)
            model.leave(["/in/d/a", "/in/d/e/b"])
        case 6, 7:
            let portion = try #require(Self.portions.randomElement(using: &random))
            let claimed = try await ledger.claim(account: "main", portion, at: time)
            #expect(claimed.map(\.file.path) == model.claim(portion), "\(portion)")
        case 8:
            let attempted = Bool.random(using: &random)
            try await ledger.postpone(file, Postponement(.retry, reason: "later", due: time, attempted: attempted))
            model.putBack(path, number, to: .queued, attempted: attempted)
        case 9:
            try await ledger.returnToSettling(file, reason: "changed", at: time)
            model.putBack(path, number, to: .settling, attempted: false)
        case 10:
            try await ledger.reject(file, rejection, at: time)
            model.rejectClaimed(path, number, rejection)
        case 11:
            try await finish(file, number, ledger, &model, &random)
        default:
            try await useAsset(for: file, number, ledger, &model, &random)
        }
    }

    private func finish(
        _ file: MediaFile,
        _ number: Int64,
        _ ledger: SQLiteLedger,
        _ model: inout LedgerModel,
        _ random: inout SeededGenerator
    ) async throws {
        let content = UInt8.random(in: 1...2, using: &random)
        let status: AssetStatus = Bool.random(using: &random) ? .processing : .ready
        try await ledger.complete(
            file,
            provider: "p",
            sha256: digest(content),
            receipt: receipt("m\(content)", status),
            at: at(5)
        )
        model.complete(file.path, number, content, status)
    }

    /// Takes a known asset for a file, or looks at one again. The model's assets are the ledger's, in order of id.
    private func useAsset(
        for file: MediaFile,
        _ number: Int64,
        _ ledger: SQLiteLedger,
        _ model: inout LedgerModel,
        _ random: inout SeededGenerator
    ) async throws {
        guard let asset = model.assets.indices.randomElement(using: &random) else { return }
        let size = model.assets[asset].size
        let usable = model.assets.indices.filter { model.assets[$0].size == size && model.assets[$0].status != .failed }
        let known = try await ledger.assets(account: "main", size: size)
        #expect(known.map(\.id) == usable.reversed().map { Int64($0 + 1) })
        let id = Int64(asset + 1)
        if Bool.random(using: &random) {
            let movedFrom = Bool.random(using: &random) ? Self.paths.randomElement(using: &random) : nil
            try await ledger.reuse(
                KnownAsset(id: id, sha256: digest(model.assets[asset].digest)),
                for: file,
                movedFrom: movedFrom,
                at: at(6)
            )
            model.reuse(asset, for: file.path, number, movedFrom: movedFrom)
        } else {
            let status = try #require(AssetStatus.allCases.randomElement(using: &random))
            let look = ProcessingAsset(
                id: id,
                sha256: digest(model.assets[asset].digest),
                receipt: receipt("m"),
                uploadedAt: at(5),
                looks: 0
            )
            try await ledger.recordStatus(status, of: look, nextLook: at(7), at: at(6))
            model.look(at: asset, status, inOrder: Self.paths)
        }
    }

    private func compareFiles(_ ledger: SQLiteLedger, _ model: LedgerModel, _ when: Comment) async throws {
        #expect(try await ledger.counts() == model.counts, when)
        #expect(try await ledger.revision() == model.revision, when)
        for path in Self.paths {
            let record = try await ledger.record(of: path)
            #expect(record?.state == model.files[path]?.state, when)
            #expect(record?.version == model.files[path].map { version($0.version) }, when)
            #expect(record?.attempts == model.files[path]?.attempts, when)
        }
        let there = Self.paths.filter { path in model.files[path].map { $0.state != .gone } ?? false }
        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9) == there, when)
    }

    private func compareManifest(_ ledger: SQLiteLedger, _ model: LedgerModel, _ when: Comment) async throws {
        let changes = try await ledger.changes(after: 0, limit: 10_000)
        #expect(changes.map(\.revision) == Array(1...max(1, model.revision)).filter { $0 <= model.revision }, when)
        var replayed: [FilePath: ManifestRow] = [:]
        for change in changes {
            if let left = change.movedFrom { replayed[left] = nil }
            replayed[change.row.path] = change.row.shown ? change.row : nil
        }
        let (revision, rows) = try await ledger.rows()
        #expect(revision == model.revision, when)
        #expect(Set(rows.filter(\.shown)) == Set(replayed.values), when)
        #expect(try await ledger.rowCount() == rows.count, when)
        #expect(Set(rows.map(\.path)) == Set(model.rows.keys), when)
        for row in rows { compare(row, model, when) }
    }

    private func compare(_ row: ManifestRow, _ model: LedgerModel, _ when: Comment) {
        let expected = model.rows[row.path]
        #expect(row.revision == expected?.revision, when)
        #expect(row.shown == expected?.shown, when)
        switch row.content {
        case .entry(let entry):
            let asset = expected?.asset.map { model.assets[$0] }
            #expect(entry.present == expected?.present, when)
            #expect(entry.bytes == asset?.size, when)
            #expect(entry.sha256 == asset.map { digest($0.digest) }, when)
            #expect(entry.receipt.status == asset?.status, when)
        case .rejected(let rejection):
            #expect(rejection.rejection == expected?.rejection, when)
        }
    }
}
