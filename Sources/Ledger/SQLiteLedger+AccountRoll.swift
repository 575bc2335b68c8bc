import GRDB
import Pipeline

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
            if let folders { try AccountsTable.setFolders(folders, in: db) }
            let known = try AccountsTable.known(in: db)
            return try accounts.compactMap { account in
                let files = try FilesTable.settleAnew(for: account, at: time, in: db)
                return known.change(of: account, from: before[account.name], files: files)
            }
        }
    }

    package func book(of account: ConfiguredAccount) -> any AssetBook {
        AccountBook(account, in: self)
    }
}
