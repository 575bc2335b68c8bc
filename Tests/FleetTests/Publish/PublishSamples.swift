import Pipeline
import SystemPackage
import TestSupport

@testable import Fleet

/// An entry of a path for content `number`, as of a revision.
func row(_ path: FilePath, _ number: UInt8, _ revision: Int64, shown: Bool = true) -> ManifestRow {
    ManifestRow(
        path: path,
        content: .entry(
            ManifestEntry(
                folder: "inbox",
                kind: .image,
                mimeType: .init(rawValue: "image/jpeg"),
                bytes: 10,
                sha256: digest(number),
                provider: "postbreeze",
                account: "main",
                receipt: Receipt(mediaID: "med_\(number)", status: .ready),
                present: true,
                uploadedAt: Timestamp(milliseconds: 7),
                revision: revision
            )
        ),
        shown: shown
    )
}

func uploaded(_ path: FilePath, _ number: UInt8, _ revision: Int64) -> FleetChange {
    FleetChange(ManifestChange(event: .uploaded, row: row(path, number, revision)), isOfAccount: true)
}

private let accounts = ["main": "brand-x"]

extension TestHost {
    /// `other` takes the place of the host's own connection.
    func publish(_ changes: [FleetChange], from: Int64, by other: (any PostgresDatabase)? = nil) async throws {
        let folded = FoldedChanges(changes, accounts: accounts)
        let to = changes.last?.change.revision ?? from
        let database: any PostgresDatabase = other ?? database
        _ = try await database.run(
            [PublishStatements.advance(host, boot: boot, from: from, to: to, telling: [])]
                + ContentStatements.tell(folded.contents, host: host)
                + PublishStatements.tell(changes, folded, host: host)
        )
    }

    func compare(_ rows: [ManifestRow], after: FilePath? = nil, last: FilePath? = nil) async throws {
        let entries = rows.map { PublishedEntry($0, $0.standing, accounts: accounts) }
        _ = try await database.run([PublishStatements.compare(entries, after: after, last: last, host: host)])
    }
}
