import GRDB

extension Schema {
    /// Version 5: assets, uploads and files belong to accounts (``AccountsTable``) instead of names.
    ///
    /// Each pair of name and provider becomes an account without target. The first target of the name claims it. If a
    /// name had several providers, nothing tells whose its uploads under way were. Those uploads start over.
    static func registerAccounts(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("v5-accounts") { db in
            try db.execute(sql: AccountsTable.schema)
            try db.execute(
                sql: """
                    ALTER TABLE assets ADD COLUMN holder INTEGER REFERENCES accounts (id);
                    ALTER TABLE uploads ADD COLUMN holder INTEGER REFERENCES accounts (id);
                    ALTER TABLE files ADD COLUMN holder INTEGER REFERENCES accounts (id);

                    INSERT INTO accounts (provider, name)
                        SELECT DISTINCT provider, account FROM assets ORDER BY account, provider;
                    UPDATE assets SET holder = (
                        SELECT n.id FROM accounts n WHERE n.name = assets.account AND n.provider = assets.provider
                    );
                    UPDATE uploads SET holder = (
                        SELECT min(n.id) FROM accounts n WHERE n.name = uploads.account
                        GROUP BY n.name HAVING count(*) = 1
                    );
                    DELETE FROM answers WHERE upload IN (SELECT id FROM uploads WHERE holder IS NULL);
                    DELETE FROM uploads WHERE holder IS NULL;
                    UPDATE files SET holder = (
                        SELECT a.holder FROM manifest m JOIN assets a ON a.id = m.asset WHERE m.path = files.path
                    ) WHERE state = 'uploaded';

                    DROP INDEX assets_look;
                    DROP INDEX assets_content;
                    DROP INDEX uploads_bytes;
                    CREATE INDEX assets_look ON assets (holder, next_look) WHERE next_look IS NOT NULL;
                    CREATE INDEX assets_content ON assets (holder, size, sha256) WHERE status <> 'failed';
                    CREATE INDEX uploads_bytes ON uploads (holder, size, sha256) WHERE sha256 IS NOT NULL;
                    """
            )
        }
    }
}
