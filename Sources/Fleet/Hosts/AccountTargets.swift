import Pipeline

/// Whom the bytes of the fleet's accounts go to. The first host that names an account says so, and all others agree.
package struct AccountTargets: Sendable {
    /// An account's name in the fleet, and whom its bytes go to: words that all hosts write alike, without a key.
    package struct Target: Hashable, Sendable {
        package let account: String
        package let target: String

        package init(account: String, target: String) {
            self.account = account
            self.target = target
        }
    }

    let database: any PostgresDatabase
    let host: HostID
    /// The name of this host, for people.
    let name: String

    package init(_ database: any PostgresDatabase, host: HostID, name: String) {
        self.database = database
        self.host = host
        self.name = name
    }

    /// Enters the accounts that the fleet does not have yet, and compares the others. May be repeated. This host has to
    /// be entered before (``HostRoll``).
    ///
    /// - Throws: ``PostgresError`` or ``TargetConflict``.
    package func enter(_ targets: [Target]) async throws {
        let entry = Statement(
            """
            INSERT INTO outtray.accounts (account, target, host)
            SELECT t.account, t.target, $3::uuid FROM unnest($1::text[], $2::text[]) AS t (account, target)
            ORDER BY t.account
            ON CONFLICT (account) DO NOTHING
            """,
            [.texts(targets.map(\.account)), .texts(targets.map(\.target)), .text(host.text)]
        )
        let answers = try await database.run([entry, Self.known(targets)])
        try Self.compare(targets, of: name, with: answers.last)
    }

    /// Compares those that the fleet has. Changes nothing.
    ///
    /// - Throws: ``PostgresError`` or ``TargetConflict``.
    package static func compare(
        _ targets: [Target],
        of name: String,
        in database: some PostgresDatabase
    ) async throws {
        try compare(targets, of: name, with: try await database.run([known(targets)]).last)
    }

    private static func known(_ targets: [Target]) -> Statement {
        Statement(
            """
            SELECT a.account, a.target, h.name
            FROM outtray.accounts a LEFT JOIN outtray.hosts h ON h.host = a.host
            WHERE a.account = ANY ($1::text[])
            """,
            [.texts(targets.map(\.account))]
        )
    }

    private static func compare(_ targets: [Target], of name: String, with answer: Answer?) throws {
        var known: [String: (target: String, host: String?)] = [:]
        for row in answer?.rows ?? [] {
            if let account = try row.text(0) { known[account] = (try row.text(1) ?? "", try row.text(2)) }
        }
        for own in targets {
            guard let fleet = known[own.account], fleet.target != own.target else { continue }
            throw TargetConflict(
                account: own.account,
                target: own.target,
                host: name,
                otherTarget: fleet.target,
                otherHost: fleet.host ?? "another host"
            )
        }
    }
}

/// Two hosts mean different accounts by one name. Each would take the other's assets for its own.
package struct TargetConflict: Error, Hashable, Sendable, CustomStringConvertible {
    package let account: String
    package let target: String
    package let host: String
    package let otherTarget: String
    package let otherHost: String

    package var description: String {
        "the fleet's account \(account) is \(otherTarget) by host \(otherHost), and \(target) by host \(host): give one of "
            + "them another name by fleet.accounts"
    }
}
