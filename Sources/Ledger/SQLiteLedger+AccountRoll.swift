import GRDB
import Pipeline
import SystemPackage

extension SQLiteLedger: AccountRoll {
    package func adopt(
        _ accounts: [ConfiguredAccount],
        folders: [String: String]?,
        at time: Timestamp
    ) async throws -> [AccountChange] {
        try await write { db in
            var before: [String: Int64] = [:]
            for account in accounts { before[account.name] = try AccountsTable.meaning(of: account.name, in: db) }
            try PausesTable.carry(to: accounts, in: db)
            try AccountsTable.name(accounts, in: db)
            try FilesTable.readdressPushed(at: time, in: db)
            if let folders { try AccountsTable.setFolders(folders, in: db) } else { try FolderNames.doubt(in: db) }
            let known = try AccountsTable.known(in: db)
            return try accounts.compactMap { account in
                let files = try FilesTable.settleAnew(for: account, at: time, in: db)
                return known.change(of: account, from: before[account.name], files: files)
            }
        }
    }

    package func shownAsset(at path: FilePath, _ accounts: [ConfiguredAccount]) async throws -> ShownAsset? {
        try await read { db in
            guard let row = try ManifestTable.row(of: path, in: db), row.shown, case .entry(let entry) = row.content,
                let holder = try ManifestTable.holder(of: path, in: db)
            else { return nil }
            let known = try AccountsTable.known(in: db)
            let asker = accounts.first { account in
                switch known.find(account) {
                case .known(let own), .claims(let own): own.id == holder
                case .new: false
                }
            }
            return ShownAsset(
                receipt: entry.receipt,
                provider: entry.provider,
                account: entry.account,
                asker: asker?.name
            )
        }
    }

    package func book(of account: ConfiguredAccount) -> any AssetBook {
        AccountBook(account, in: self)
    }
}
