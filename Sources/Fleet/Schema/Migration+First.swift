extension Migration {
    /// Version 1: the tables. A path is its bytes, and a time is for people: no time decides anything but the pace.
    package static let first = Migration(
        version: 1,
        oldestReader: 1,
        statements: [
            "CREATE SCHEMA outtray",
            // One row. A transaction that publishes counts `revision` up as its last step but the inserts, so the order
            // of revisions is that of commits.
            """
            CREATE TABLE outtray.fleet (
                one boolean PRIMARY KEY DEFAULT true CHECK (one),
                fleet uuid NOT NULL DEFAULT gen_random_uuid(),
                version integer NOT NULL,
                oldest_reader integer NOT NULL,
                revision bigint NOT NULL DEFAULT 0
            ) WITH (fillfactor = 10)
            """,
            // `boot` counts starts, `beat` heartbeats. `published` is the last revision of the host's own ledger that
            // `changes` has. `told` has a digest for each account of which `contents` has all assets up to there.
            // `forgotten`: the identity never comes back.
            """
            CREATE TABLE outtray.hosts (
                host uuid PRIMARY KEY,
                name text NOT NULL,
                boot bigint NOT NULL DEFAULT 1,
                beat bigint NOT NULL DEFAULT 0,
                published bigint NOT NULL DEFAULT 0,
                told text[] NOT NULL DEFAULT '{}',
                seen timestamptz NOT NULL DEFAULT now(),
                forgotten timestamptz
            ) WITH (fillfactor = 50)
            """,
            "CREATE UNIQUE INDEX hosts_name ON outtray.hosts (name) WHERE forgotten IS NULL",
            // `target` says whom the bytes go to, without a key. `host` was the first to name it. Where the target does
            // not say it all: `owner` as an answer of the provider named it, and `key_mark`, by which a key is known
            // again.
            """
            CREATE TABLE outtray.accounts (
                account text PRIMARY KEY,
                target text NOT NULL,
                host uuid REFERENCES outtray.hosts,
                owner text,
                key_mark text,
                held_until timestamptz,
                held_for bigint,
                held_reason text
            )
            """,
            // `fence` counts owners. `ticket` is sealed with a key that the database lacks. `receipt` is the asset.
            // `free`: the owner has let the claim go, and any host may take it at once, with its ticket. While the
            // provider processes the asset, `looker` asks it, or `host` where that is null; `looked` counts how often.
            """
            CREATE TABLE outtray.contents (
                account text NOT NULL REFERENCES outtray.accounts,
                sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
                size bigint NOT NULL CHECK (size > 0),
                host uuid NOT NULL REFERENCES outtray.hosts,
                fence bigint NOT NULL DEFAULT 1,
                free boolean NOT NULL DEFAULT false,
                claimed timestamptz NOT NULL DEFAULT now(),
                ticket bytea,
                asked timestamptz,
                receipt jsonb,
                status text,
                looker uuid REFERENCES outtray.hosts,
                looked bigint NOT NULL DEFAULT 0,
                CHECK (receipt IS NULL OR ticket IS NULL),
                PRIMARY KEY (account, sha256)
            )
            """,
            "CREATE INDEX contents_claimed ON outtray.contents (host) WHERE receipt IS NULL",
            """
            CREATE TABLE outtray.duplicates (
                account text NOT NULL,
                sha256 bytea NOT NULL,
                host uuid NOT NULL,
                receipt jsonb NOT NULL,
                at timestamptz NOT NULL DEFAULT now()
            )
            """,
            // Each of them once, however often the statement is repeated. A receipt may be too long for an index.
            """
            CREATE UNIQUE INDEX duplicates_once
            ON outtray.duplicates (account, sha256, host, jsonb_hash_extended(receipt, 0))
            """,
            """
            CREATE TABLE outtray.entries (
                host uuid NOT NULL REFERENCES outtray.hosts,
                path bytea NOT NULL,
                folder text,
                account text,
                sha256 bytea,
                bytes bigint,
                content jsonb,
                rejected jsonb,
                present boolean NOT NULL,
                local_revision bigint,
                revision bigint NOT NULL,
                PRIMARY KEY (host, path)
            )
            """,
            // Which files have a content: for those who adopt it.
            "CREATE INDEX entries_content ON outtray.entries (account, sha256) WHERE sha256 IS NOT NULL",
            // `mark` tells a change from any other that could have its revision, as after a restore.
            """
            CREATE TABLE outtray.changes (
                revision bigint PRIMARY KEY,
                mark uuid NOT NULL DEFAULT gen_random_uuid(),
                host uuid NOT NULL REFERENCES outtray.hosts,
                local_revision bigint NOT NULL,
                event text NOT NULL,
                path bytea NOT NULL,
                moved_from bytea,
                content jsonb NOT NULL,
                UNIQUE (host, local_revision)
            )
            """,
            // One key at one address, by a mark that does not tell the key. Providers count a key's calls, whatever
            // accounts it is used for.
            """
            CREATE TABLE outtray.paces (
                pace text PRIMARY KEY,
                held_until timestamptz,
                held_for bigint,
                held_reason text
            )
            """,
            // The calls that hosts have taken of a pace.
            """
            CREATE TABLE outtray.calls (
                pace text NOT NULL REFERENCES outtray.paces,
                account text NOT NULL REFERENCES outtray.accounts,
                side smallint NOT NULL,
                at timestamptz NOT NULL DEFAULT clock_timestamp(),
                n integer NOT NULL CHECK (n > 0),
                host uuid NOT NULL REFERENCES outtray.hosts
            )
            """,
            "CREATE INDEX calls_of_pace ON outtray.calls (pace, at)",
            "CREATE INDEX calls_of_account ON outtray.calls (account, at)",
            "INSERT INTO outtray.fleet (version, oldest_reader) VALUES (1, 1)",
        ]
    )
}
