import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

/// What a repair of an old ledger did.
package struct TakenUp: Hashable, Sendable {
    /// Entries that the ledger did not know, or not so.
    package internal(set) var entries = 0
    package internal(set) var rejected = 0
    /// Paths that the ledger shows and the manifest does not, or not so. They have new revisions.
    package internal(set) var toldAnew = 0
    /// The newest revision from now on.
    package internal(set) var revision: Int64 = 0
}

// An old ledger beside a newer manifest: a state directory that was put back from a copy.

extension Restoration {
    /// Takes up what the manifest tells and the ledger does not know. Everything else in the ledger stays.
    ///
    /// - For each path, the row with the higher revision counts.
    /// - Assets that the ledger has already keep their account. New ones go to the account that their name means, if it
    ///   has the same provider.
    /// - A file whose row is taken up gets ``noVersion``, so that the next scan looks at it.
    /// - What the ledger shows and the manifest does not, or not so, gets new revisions. Revisions go on above the
    ///   newest of either side, so no published one comes twice.
    static func takeUp(_ record: ManifestRecord, at time: Timestamp, in db: Database) throws -> TakenUp {
        var result = TakenUp()
        let known = try db.value(of: "revision")
        let newest = max(known, record.revision)
        let assets = try keepAssets(of: record, newerThan: known, at: time, in: db)
        for row in record.rows.values.sorted(by: { $0.revision < $1.revision }) where try isNews(row, in: db) {
            switch row.content {
            case .entry(let entry):
                guard let asset = assets[entry.assetKey] else { continue }
                try show(row, entry, asset: asset, at: time, in: db)
                result.entries += 1
            case .rejected(let rejection):
                try show(row, rejection, at: time, in: db)
                result.rejected += 1
            }
        }
        // The journal has these changes, or is replaced by one that needs none of them.
        try db.run("DELETE FROM changes WHERE revision <= ?", [newest])
        try db.run("UPDATE counters SET value = ? WHERE name = 'revision'", [newest])
        result.toldAnew = try tellAnew(besides: record, in: db)
        result.revision = try db.value(of: "revision")
        return result
    }

    private static func isNews(_ row: ManifestRow, in db: Database) throws -> Bool {
        let known: Int64? = try db.row("SELECT revision FROM manifest WHERE path = ?", [row.path.blob])?[0]
        return row.revision > known ?? -1
    }

    /// Gives new revisions to what is shown otherwise than the manifest tells. Returns how many paths that are.
    private static func tellAnew(besides record: ManifestRecord, in db: Database) throws -> Int {
        var paths: [FilePath] = []
        try ManifestTable.walk(by: .section, in: db) { row in
            guard row.shown else { return }
            let told = record.rows[row.path]
            if told?.shown != true || told?.json != row.json { paths.append(row.path) }
        }
        for path in paths {
            try db.run("UPDATE manifest SET revision = ? WHERE path = ?", [try db.next("revision"), path.blob])
            guard let row = try ManifestTable.row(of: path, in: db) else { continue }
            try ManifestTable.record(row.standing, of: path, isNews: false, in: db)
        }
        return paths.count
    }
}
