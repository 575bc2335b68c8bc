import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// The part of the ledger about one account.
///
/// A write creates the account if it is new. To a read, an unknown account has nothing.
package struct AccountBook: AssetBook {
    private let ledger: SQLiteLedger
    private let account: ConfiguredAccount

    init(_ account: ConfiguredAccount, in ledger: SQLiteLedger) {
        self.ledger = ledger
        self.account = account
    }

    package func hasAssets(ofSize size: Int64) async throws -> Bool {
        try await read(or: false) { try AssetsTable.hasAny(of: $1, size: size, in: $0) }
    }

    package func asset(size: Int64, sha256: SHA256Digest) async throws -> KnownAsset? {
        try await read(or: nil) { try AssetsTable.find(sha256, of: $1, size: size, in: $0) }
    }

    /// Runs `body` in the next commit, with the account's number.
    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Int64) throws -> Value
    ) async throws -> Value {
        let account = account
        return try await ledger.write { db in try body(db, try AccountsTable.holder(of: account, in: db)) }
    }

    /// Runs `body` on a reader, with the account's number. Returns `nothing` for an account that the ledger has never
    /// met.
    private func read<Value: Sendable>(
        or nothing: Value,
        _ body: @escaping @Sendable (Database, Int64) throws -> Value
    ) async throws -> Value {
        let account = account
        return try await ledger.read { db in
            guard let holder = try AccountsTable.find(account, in: db) else { return nothing }
            return try body(db, holder)
        }
    }

    // MARK: Uploads under way

    package func claim(
        _ portion: Portion,
        except held: HeldBack,
        at time: Timestamp
    ) async throws -> [QueuedFile] {
        let account = account
        return try await write { db, holder in
            let claimed = try FilesTable.claim(account: account.name, portion, except: held, at: time, in: db)
            return try claimed.map { file in
                guard try !UploadsTable.mayHaveBytes(of: file.file, holder, in: db) else { return file }
                try UploadsTable.insertIntent(file.file, holder, askedAt: time, in: db)
                return QueuedFile(file.file, attempts: file.attempts, begun: time)
            }
        }
    }

    package func hasUploads(besides file: MediaFile) async throws -> Bool {
        try await read(or: false) { try UploadsTable.hasOthers(than: file, $1, in: $0) }
    }

    /// Writes only if there is an upload to take over or to leave behind.
    package func upload(of file: MediaFile, sha256: SHA256Digest?) async throws -> UploadUnderWay? {
        let (own, needsWrite) = try await read(or: (nil, true)) { db, holder -> (UploadUnderWay?, Bool) in
            switch try UploadsTable.match(for: file, holder, sha256: sha256, in: db) {
            case .own(let row): (try UploadsTable.underWay(row, in: db), false)
            case .nothing: (nil, false)
            case .takenOver, .stale: (nil, true)
            }
        }
        guard needsWrite else { return own }
        return try await write { db, holder in
            switch try UploadsTable.match(for: file, holder, sha256: sha256, in: db) {
            case .own(let row): return try UploadsTable.underWay(row, in: db)
            case .takenOver(let row): return try UploadsTable.takeOver(row, for: file, sha256: sha256, in: db)
            case .stale: try UploadsTable.leave(file.path, in: db)
            case .nothing: break
            }
            return nil
        }
    }

    /// Does nothing if the path has other bytes by now. A newer version may have been noted meanwhile that differs only
    /// in its times. The intent is recorded all the same, for that version to find.
    package func beginUpload(of file: MediaFile, at time: Timestamp) async throws {
        try await write { db, holder in
            guard try !FilesTable.hasOtherBytes(than: file, in: db) else { return }
            let there = try UploadsTable.find(file.path, in: db)
            try UploadsTable.begin(file, holder, over: there, askedAt: time, in: db)
        }
    }

    /// The time takes the place of the intent's: a ticket's lifetime begins with the answer. Forgets the answers to an
    /// older ticket's pieces.
    @discardableResult
    package func recordTicket(
        _ ticket: Ticket,
        of file: MediaFile,
        sha256: SHA256Digest?,
        at time: Timestamp
    ) async throws -> RecordedTicket {
        let account = account
        return try await ledger.write { db in
            // The owner comes first: it decides which account the ticket belongs to.
            let change = try ticket.owner.flatMap {
                try AccountsTable.note(owner: $0, of: account, at: .now(), in: db)
            }
            let holder = try AccountsTable.holder(of: account, in: db)
            let asset = try sha256.flatMap { try AssetsTable.find($0, of: holder, size: file.size, in: db) }
            let recorded = RecordedTicket(change: change, isKnown: asset != nil)
            // Bytes that do not go are not the ticket's.
            let going = recorded.isKnown ? nil : sha256
            let begun = try UploadsTable.find(file.path, in: db)
            let hasOtherBytes = try FilesTable.hasOtherBytes(than: file, in: db)
            // The newer version's own try has recorded its ticket already.
            let isReplaced = begun.map { $0.version != file.version && $0.ticket != nil } ?? false
            guard !hasOtherBytes, !isReplaced else {
                if let going {
                    try UploadsTable.addLeft(file, holder, ticket: ticket, askedAt: time, sha256: going, in: db)
                }
                return recorded
            }
            try UploadsTable.begin(file, holder, over: begun, ticket: ticket, askedAt: time, sha256: going, in: db)
            let facts = FileStep.Facts(asset: ticket.receipt.id, pieces: ticket.pieces.count)
            try StepsTable.add(.asked, facts, of: file.path, at: .now(), in: db)
            return recorded
        }
    }

    package func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws {
        try await write { db, holder in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file, holder) else { return }
            try UploadsTable.add(answer, to: upload, in: db)
            try StepsTable.add(.sent, of: file.path, at: .now(), in: db)
        }
    }

    package func recordBytes(
        _ sha256: SHA256Digest,
        of file: MediaFile,
        with ticket: Ticket,
        askedAt: Timestamp
    ) async throws {
        try await write { db, holder in
            if let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file, holder) {
                try db.run("UPDATE uploads SET sha256 = ? WHERE id = ?", [sha256.bytes, upload.id])
            } else {
                try UploadsTable.addLeft(file, holder, ticket: ticket, askedAt: askedAt, sha256: sha256, in: db)
            }
        }
    }

    package func leaveUpload(of file: MediaFile) async throws {
        try await write { db, holder in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file, holder) else { return }
            if upload.sha256 == nil { try UploadsTable.forget(file.path, in: db) }
        }
    }

    package func dropUpload(of file: MediaFile) async throws {
        try await write { db, holder in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file, holder) else { return }
            try UploadsTable.forget(file.path, in: db)
        }
    }

    // MARK: Refusals

    package func postponeRefused(_ file: MediaFile, _ postponement: Postponement) async throws {
        try await write { db, holder in
            let isPutBack = try FilesTable.postpone(file, postponement, at: .now(), in: db)
            if isPutBack { try FilesTable.noteRefusal(of: file, by: holder, in: db) }
        }
    }

    package func isRefusalContradicted(of file: MediaFile) async throws -> Bool {
        try await read(or: false) { try FilesTable.isRefusalContradicted(of: file, by: $1, in: $0) }
    }

    // MARK: Results

    /// A file may leave while its bytes go up. It gets its entry all the same, as not present, and becomes `gone`.
    ///
    /// If a newer version is uploaded or rejected already, the path keeps showing that version. The asset is then only
    /// known.
    package func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try await write { db, holder in
            let asset = try AssetsTable.keep(
                file,
                provider: provider,
                holder: holder,
                sha256: sha256,
                receipt: receipt,
                at: time,
                in: db
            )
            try FilesTable.contradictRefusals(by: file, at: holder, in: db)
            let (isThere, isCurrent) = try FilesTable.markUploaded(file, to: holder, at: time, in: db)
            let isAnswerNew = try UploadsTable.end(file, holder, in: db)
            let facts = FileStep.Facts(asset: receipt.id, status: receipt.status)
            try StepsTable.finish(file.path, facts, isSentNew: isAnswerNew, at: time, in: db)
            if !isThere { try StepsTable.add(.left, of: file.path, at: time, in: db) }
            try UploadsTable.forgetLeft(of: holder, size: file.size, sha256: sha256, in: db)
            if try !isCurrent && FilesTable.hasNewerResult(than: file, in: db) { return }
            try ManifestTable.show(
                asset,
                at: file.path,
                folder: file.folder,
                present: isThere,
                warnings: file.warnings,
                in: db
            )
            try DeparturesTable.add(file, asset: asset, leaving: leaving, at: .steady(), in: db)
        }
    }

    /// Does nothing if the file has another version by now. An asset of an earlier version has no measure: it gets the
    /// file's, and each entry that shows it is a change.
    package func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try await write { db, holder in
            try AssetsTable.check(asset.id, in: db)
            guard try !FilesTable.hasMovedOn(from: file, in: db) else { return }
            let step = FileStep(movedFrom == nil ? .reused : .moved, at: time, FileStep.Facts(path: movedFrom))
            try Self.show(asset, at: file, of: holder, movedFrom: movedFrom, step, in: db)
            // A new file under the old name keeps its state.
            if let movedFrom, movedFrom != file.path,
                let left = try FilesTable.record(of: movedFrom, in: db)?.state, [.uploaded, .gone].contains(left),
                try ManifestTable.standing(of: movedFrom, in: db)?.shown != true
            {
                try FilesTable.forget(movedFrom, in: db)
                if left == .uploaded {
                    let to = FileStep.Facts(path: file.path)
                    try StepsTable.add(.left, to, of: movedFrom, at: time, in: db)
                }
            }
            try DeparturesTable.add(file, asset: asset.id, leaving: leaving, at: .steady(), in: db)
        }
    }

    /// Does nothing if the file has another version by now.
    package func adopt(
        _ asset: SharedAsset,
        sha256: SHA256Digest,
        for file: MediaFile,
        provider: String,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try await write { db, holder in
            guard try !FilesTable.hasMovedOn(from: file, in: db) else { return }
            let id = try AssetsTable.keep(
                file,
                provider: provider,
                holder: holder,
                sha256: sha256,
                receipt: asset.receipt,
                at: asset.uploadedAt,
                in: db
            )
            let facts = FileStep.Facts(
                asset: asset.receipt.id,
                status: asset.receipt.status,
                host: asset.host,
                uploadedAt: asset.uploadedAt
            )
            let known = KnownAsset(id: id, sha256: sha256, receipt: asset.receipt)
            try Self.show(known, at: file, of: holder, FileStep(.adopted, at: time, facts), in: db)
            try DeparturesTable.add(file, asset: id, leaving: leaving, at: .steady(), in: db)
        }
    }

    /// Lets a file's path show an asset of the file's bytes. `step` is what the file has been through.
    private static func show(
        _ asset: KnownAsset,
        at file: MediaFile,
        of holder: Int64,
        movedFrom: FilePath? = nil,
        _ step: FileStep,
        in db: Database
    ) throws {
        let (isThere, _) = try FilesTable.markUploaded(file, to: holder, at: step.at, in: db)
        try StepsTable.add(step.kind, step.facts, of: file.path, at: step.at, in: db)
        if !isThere { try StepsTable.add(.left, of: file.path, at: step.at, in: db) }
        if try UploadsTable.find(file.path, in: db)?.sha256 == asset.sha256 {
            try UploadsTable.forget(file.path, in: db)
        } else {
            try UploadsTable.leave(file.path, in: db)
        }
        if try AssetsTable.fill(file.measure, of: asset.id, in: db) {
            _ = try ManifestTable.touch(pathsOf: asset.id, isReady: false, in: db)
        }
        try ManifestTable.show(
            asset.id,
            at: file.path,
            folder: file.folder,
            present: isThere,
            movedFrom: movedFrom,
            warnings: file.warnings,
            in: db
        )
    }

    package func earlierPaths(of file: MediaFile, showing asset: KnownAsset) async throws -> [FilePath] {
        try await ledger.read { db in
            let own = try ManifestTable.standing(of: file.path, in: db)
            if let own, own.shown, own.asset == asset.id { return [] }
            return try ManifestTable.paths(of: asset.id, at: file.version, in: db)
        }
    }

    // MARK: Looking again

    package func processing(at time: Timestamp, limit: Int) async throws -> [ProcessingAsset] {
        let name = account.name
        return try await read(or: []) { db, holder in
            guard try AccountsTable.isLookedAfter(by: name, holder, in: db) else { return [] }
            return try AssetsTable.processing(of: holder, at: time, limit: limit, in: db)
        }
    }

    package func nextLook() async throws -> Timestamp? {
        let name = account.name
        return try await read(or: nil) { db, holder in
            guard try AccountsTable.isLookedAfter(by: name, holder, in: db) else { return nil }
            return try AssetsTable.nextLook(of: holder, in: db)
        }
    }

    package func recordStatus(
        _ status: AssetStatus,
        of asset: ProcessingAsset,
        nextLook: Timestamp?,
        at time: Timestamp
    ) async throws -> RecordedStatus {
        try await record(status, of: asset.id, nextLook: nextLook, at: time)
    }

    package func recordGone(_ asset: KnownAsset, at time: Timestamp) async throws -> RecordedStatus {
        try await record(.failed, of: asset.id, nextLook: nil, at: time)
    }

    private func record(
        _ status: AssetStatus,
        of asset: Int64,
        nextLook: Timestamp?,
        at time: Timestamp
    ) async throws -> RecordedStatus {
        try await ledger.write { db in
            guard try AssetsTable.record(status, of: asset, nextLook: nextLook, in: db) else {
                return RecordedStatus()
            }
            let paths = try ManifestTable.touch(
                pathsOf: asset,
                isReady: HookTrigger.isReady(status),
                in: db
            )
            let releases = try status != .processing && DeparturesTable.release(asset: asset, in: db)
            // Recorded because it has changed.
            for path in paths {
                try StepsTable.add(.status, .init(status: status), of: path, mayRepeat: false, at: time, in: db)
            }
            return RecordedStatus(paths: paths, releases: releases)
        }
    }
}
