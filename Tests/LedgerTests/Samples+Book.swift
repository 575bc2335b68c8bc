import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

@testable import Ledger

extension ConfiguredAccount {
    /// An account whose target goes by its name, so that two names are two accounts.
    static func named(_ name: String, key: String = "key", provider: String = "postbreeze") -> ConfiguredAccount {
        ConfiguredAccount(name: name, identity: .at("https://\(name).example", key: key, provider: provider))
    }
}

extension AccountIdentity {
    static func at(
        _ address: String,
        key: String = "key",
        provider: String = "postbreeze",
        proof: Proof = .owner
    ) -> AccountIdentity {
        AccountIdentity(provider: provider, contract: provider, address: address, proof: proof, key: key)
    }
}

/// The books of accounts that go by the name of each call's file, for tests that are not about whose a book is.
extension SQLiteLedger {
    func book(of name: String) -> any AssetBook { book(of: .named(name)) }

    /// What a lane of this account claims, without what it knows of the files.
    func claim(
        account: String,
        _ portion: Portion,
        except held: HeldBack = .nothing,
        at time: Timestamp
    ) async throws -> [QueuedFile] {
        try await book(of: account).claim(portion, except: held, at: time).map {
            QueuedFile($0.file, attempts: $0.attempts)
        }
    }

    /// Those that count as known, newest first.
    func assets(account: String, size: Int64) async throws -> [KnownAsset] {
        let fingerprint = ConfiguredAccount.named(account).identity.fingerprint
        return try await read { db in
            try db.rows(
                """
                SELECT a.id, a.sha256 FROM assets a JOIN account_keys k ON k.account = a.holder
                WHERE k.fingerprint = ? AND a.size = ? AND a.status <> 'failed' ORDER BY a.id DESC
                """,
                [fingerprint, size]
            ).map { KnownAsset(id: $0[0], sha256: SHA256Digest(bytes: $0[1])) }
        }
    }

    func hasUploads(besides file: MediaFile) async throws -> Bool {
        try await book(of: file.account).hasUploads(besides: file)
    }

    func upload(of file: MediaFile, sha256: SHA256Digest? = nil) async throws -> UploadUnderWay? {
        try await book(of: file.account).upload(of: file, sha256: sha256)
    }

    func beginUpload(of file: MediaFile, at time: Timestamp) async throws {
        try await book(of: file.account).beginUpload(of: file, at: time)
    }

    func recordTicket(_ ticket: Ticket, of file: MediaFile, at time: Timestamp) async throws {
        try await book(of: file.account).recordTicket(ticket, of: file, at: time)
    }

    func recordBytes(_ sha256: SHA256Digest, of file: MediaFile, with ticket: Ticket, askedAt: Timestamp) async throws {
        try await book(of: file.account).recordBytes(sha256, of: file, with: ticket, askedAt: askedAt)
    }

    func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws {
        try await book(of: file.account).recordAnswer(answer, of: file)
    }

    func dropUpload(of file: MediaFile) async throws { try await book(of: file.account).dropUpload(of: file) }

    func leaveUpload(of file: MediaFile) async throws { try await book(of: file.account).leaveUpload(of: file) }

    func postponeRefused(_ file: MediaFile, cause: WaitCause = .serviceRefusal) async throws {
        try await book(of: file.account)
            .postponeRefused(file, Postponement(cause, reason: "403", attempted: true))
    }

    func isRefusalContradicted(of file: MediaFile) async throws -> Bool {
        try await book(of: file.account).isRefusalContradicted(of: file)
    }

    func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        leaving: AfterUpload = .keep,
        at time: Timestamp
    ) async throws {
        try await book(of: file.account)
            .complete(file, provider: provider, sha256: sha256, receipt: receipt, leaving: leaving, at: time)
    }

    func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        leaving: AfterUpload = .keep,
        at time: Timestamp
    ) async throws {
        try await book(of: file.account).reuse(asset, for: file, movedFrom: movedFrom, leaving: leaving, at: time)
    }

    func earlierPaths(of file: MediaFile, showing asset: KnownAsset) async throws -> [FilePath] {
        try await book(of: file.account).earlierPaths(of: file, showing: asset)
    }
    func paths(ofAsset id: Int64) async throws -> [FilePath] {
        try await read { try ManifestTable.paths(of: id, in: $0) }
    }

    func processing(account: String, at time: Timestamp, limit: Int) async throws -> [ProcessingAsset] {
        try await book(of: account).processing(at: time, limit: limit)
    }

    func nextLook(account: String) async throws -> Timestamp? { try await book(of: account).nextLook() }

    func recordStatus(_ status: AssetStatus, of asset: ProcessingAsset, nextLook: Timestamp?, at time: Timestamp)
        async throws
    {
        try await book(of: "main").recordStatus(status, of: asset, nextLook: nextLook, at: time)
    }
}

extension KnownAsset {
    /// A usable asset with no ids.
    init(id: Int64, sha256: SHA256Digest) {
        self.init(id: id, sha256: sha256, receipt: Receipt(status: .ready))
    }
}
