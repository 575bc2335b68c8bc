import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

extension SQLiteLedger: AssetBook {
    package func assets(account: String, size: Int64) async throws -> [KnownAsset] {
        try await read { try AssetsTable.known(account: account, size: size, in: $0) }
    }

    // MARK: Uploads under way

    package func hasUploads(besides file: MediaFile) async throws -> Bool {
        try await read { try UploadsTable.hasOthers(than: file, in: $0) }
    }

    /// Writes only where something is to be taken over or forgotten.
    package func upload(of file: MediaFile, sha256: SHA256Digest?) async throws -> UploadUnderWay? {
        let (own, needsWrite) = try await read { db -> (UploadUnderWay?, Bool) in
            switch try UploadsTable.look(for: file, sha256: sha256, in: db) {
            case .own(let row): (try UploadsTable.underWay(row, in: db), false)
            case .nothing: (nil, false)
            case .takenOver, .stale: (nil, true)
            }
        }
        guard needsWrite else { return own }
        return try await write { db in
            switch try UploadsTable.look(for: file, sha256: sha256, in: db) {
            case .own(let row): return try UploadsTable.underWay(row, in: db)
            case .takenOver(let row): return try UploadsTable.takeOver(row, for: file, sha256: sha256, in: db)
            case .stale: try UploadsTable.leave(file.path, in: db)
            case .nothing: break
            }
            return nil
        }
    }

    /// A version that differs by its times alone may have been noted meanwhile: it is to find what is recorded here.
    package func beginUpload(of file: MediaFile, at time: Timestamp) async throws {
        try await write { db in
            guard try !FilesTable.hasOtherBytes(than: file, in: db) else { return }
            try UploadsTable.begin(file, ticket: nil, askedAt: time, in: db)
        }
    }

    /// The time asked stays that of ``beginUpload(of:at:)``, where there was one; answers to an older ticket's pieces go.
    package func recordTicket(_ ticket: Ticket, of file: MediaFile, at time: Timestamp) async throws {
        try await write { db in
            guard try !FilesTable.hasOtherBytes(than: file, in: db) else { return }
            let begun = try UploadsTable.find(file.path, in: db)
            // The newer version's own try has been here.
            if let begun, !begun.isOf(file), begun.ticket != nil { return }
            try UploadsTable.begin(file, ticket: ticket, askedAt: begun?.askedAt ?? time, in: db)
        }
    }

    package func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws {
        try await write { db in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file) else { return }
            try UploadsTable.add(answer, to: upload, in: db)
        }
    }

    package func recordBytes(
        _ sha256: SHA256Digest,
        of file: MediaFile,
        with ticket: Ticket,
        askedAt: Timestamp
    ) async throws {
        try await write { db in
            if let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file) {
                try db.run("UPDATE uploads SET sha256 = ? WHERE id = ?", [Data(sha256.bytes), upload.id])
            } else {
                try UploadsTable.addLeft(file, ticket: ticket, askedAt: askedAt, sha256: sha256, in: db)
            }
        }
    }

    package func leaveUpload(of file: MediaFile) async throws {
        try await write { db in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file) else { return }
            if upload.sha256 == nil { try UploadsTable.forget(file.path, in: db) }
        }
    }

    package func dropUpload(of file: MediaFile) async throws {
        try await write { db in
            guard let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file) else { return }
            try UploadsTable.forget(file.path, in: db)
        }
    }

    // MARK: Results

    /// A file that left while its bytes went up gets its entry all the same, as not present, and stays unknown. Where a
    /// newer version is through already (up, or rejected), the path shows that one, and the asset is only known.
    package func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        at time: Timestamp
    ) async throws {
        try await write { db in
            let asset = try AssetsTable.keep(
                file,
                provider: provider,
                sha256: sha256,
                receipt: receipt,
                at: time,
                in: db
            )
            let isThere = try FilesTable.markUploaded(file, at: time, in: db)
            if let upload = try UploadsTable.find(file.path, in: db), upload.isOf(file) {
                try UploadsTable.forget(file.path, in: db)
            }
            try UploadsTable.forgetLeft(account: file.account, size: file.size, sha256: sha256, in: db)
            if try FilesTable.hasNewerResult(than: file, in: db) { return }
            try ManifestTable.show(asset, at: file.path, folder: file.folder, present: isThere, in: db)
        }
    }

    /// Does nothing when the file has another version by now.
    package func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        at time: Timestamp
    ) async throws {
        try await write { db in
            try AssetsTable.check(asset.id, in: db)
            guard try !FilesTable.hasMovedOn(from: file, in: db) else { return }
            let isThere = try FilesTable.markUploaded(file, at: time, in: db)
            if try UploadsTable.find(file.path, in: db)?.sha256 == asset.sha256 {
                try UploadsTable.forget(file.path, in: db)
            } else {
                try UploadsTable.leave(file.path, in: db)
            }
            try ManifestTable.show(
                asset.id,
                at: file.path,
                folder: file.folder,
                present: isThere,
                movedFrom: movedFrom,
                in: db
            )
            // A new file under the old name keeps its state.
            if let movedFrom, movedFrom != file.path,
                try FilesTable.record(of: movedFrom, in: db)?.state == .uploaded,
                try ManifestTable.standing(of: movedFrom, in: db)?.shown != true
            {
                try FilesTable.forget(movedFrom, in: db)
            }
        }
    }

    package func paths(ofAsset id: Int64) async throws -> [FilePath] {
        try await read { try ManifestTable.paths(of: id, in: $0) }
    }

    // MARK: Looking again

    package func processing(account: String, at time: Timestamp, limit: Int) async throws -> [ProcessingAsset] {
        try await read { try AssetsTable.processing(account: account, at: time, limit: limit, in: $0) }
    }

    package func nextLook(account: String) async throws -> Timestamp? {
        try await read { try AssetsTable.nextLook(account: account, in: $0) }
    }

    package func recordStatus(
        _ status: AssetStatus,
        of asset: ProcessingAsset,
        nextLook: Timestamp?,
        at time: Timestamp
    ) async throws {
        try await write { db in
            guard try AssetsTable.record(status, of: asset.id, nextLook: nextLook, in: db) else { return }
            try ManifestTable.touch(pathsOf: asset.id, in: db)
        }
    }
}
