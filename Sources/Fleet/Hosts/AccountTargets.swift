import Pipeline

/// Whom the bytes of the fleet's accounts go to. The first host that names an account says so, and all others agree.
package struct AccountTargets: Sendable {
    /// What a host shows of an account beside its target.
    package enum Proof: Hashable, Sendable {
        /// The target says it all: every key for it leads to the same account.
        case target
        /// By `mark`, hosts with the same key know each other. `owner` is as answers of the provider named it.
        case key(mark: String, owner: String?)
    }

    /// An account's name in the fleet, and whom its bytes go to: words that all hosts write alike, without a key.
    package struct Target: Hashable, Sendable {
        package let account: String
        package let target: String
        package let proof: Proof

        package init(account: String, target: String, proof: Proof = .target) {
            self.account = account
            self.target = target
            self.proof = proof
        }
    }

    /// What an account is to the fleet.
    package enum Standing: Hashable, Sendable {
        case shared
        /// Its key is another one than the fleet's, and nobody knows yet whether it leads to the same owner.
        case unproven(reason: String)
        case another(TargetConflict)
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

    /// Enters an account that the fleet does not have yet, or compares it. May be repeated. This host has to be entered
    /// before (``HostRoll``).
    package func enter(_ target: Target) async throws(PostgresError) -> Standing {
        let (mark, owner) = target.marks
        let entry = Statement(
            """
            INSERT INTO outtray.accounts (account, target, host, key_mark, owner)
            VALUES ($1::text, $2::text, $3::uuid, $4::text, $5::text) ON CONFLICT (account) DO NOTHING
            """,
            [.text(target.account), .text(target.target), .text(host.text), .optional(mark), .optional(owner)]
        )
        let answers = try await database.run([entry, Self.known([target])])
        let standing = try Self.standings(of: [target], name, in: answers.last)[target.account] ?? .shared
        if standing == .shared, let mark {
            _ = try await database.run(
                """
                UPDATE outtray.accounts SET key_mark = $2::text, owner = coalesce(owner, $3::text)
                WHERE account = $1::text
                    AND (key_mark IS DISTINCT FROM $2::text OR owner IS NULL AND $3::text IS NOT NULL)
                """,
                [.text(target.account), .text(mark), .optional(owner)]
            )
        }
        return standing
    }

    /// Compares those that the fleet has. Changes nothing.
    ///
    /// - Throws: ``PostgresError`` or ``TargetConflict``.
    package static func compare(
        _ targets: [Target],
        of name: String,
        in database: some PostgresDatabase
    ) async throws {
        let answers = try await database.run([known(targets)])
        for standing in try standings(of: targets, name, in: answers.last).values {
            if case .another(let conflict) = standing { throw conflict }
        }
    }

    private static func known(_ targets: [Target]) -> Statement {
        Statement(
            """
            SELECT a.account, a.target, h.name, a.owner, a.key_mark
            FROM outtray.accounts a LEFT JOIN outtray.hosts h ON h.host = a.host
            WHERE a.account = ANY ($1::text[])
            """,
            [.texts(targets.map(\.account))]
        )
    }

    /// What each account is that the fleet has.
    private static func standings(
        of targets: [Target],
        _ name: String,
        in answer: Answer?
    ) throws(PostgresError) -> [String: Standing] {
        var standings: [String: Standing] = [:]
        for row in answer?.rows ?? [] {
            guard let account = try row.text(0), let own = targets.first(where: { $0.account == account }) else {
                continue
            }
            let other = try row.text(2) ?? "another host"
            let known = (target: try row.text(1) ?? "", owner: try row.text(3), mark: try row.text(4))
            func conflict(_ target: String, _ otherTarget: String) -> Standing {
                .another(
                    TargetConflict(
                        account: account,
                        target: target,
                        host: name,
                        otherTarget: otherTarget,
                        otherHost: other
                    )
                )
            }
            let (mark, owner) = own.marks
            if known.target != own.target {
                standings[account] = conflict(own.target, known.target)
            } else if let knownOwner = known.owner, let owner, knownOwner != owner {
                standings[account] = conflict("of owner \(owner)", "of owner \(knownOwner)")
            } else if mark == nil || known.mark == nil || mark == known.mark || (owner != nil && owner == known.owner) {
                standings[account] = .shared
            } else {
                standings[account] = .unproven(
                    reason: "the key of \(account) is another one here than at the fleet's other hosts: it is shared "
                        + "once an answer of the provider has named the same owner"
                )
            }
        }
        return standings
    }
}

extension AccountTargets.Target {
    /// The mark of the key and the owner; nil where the target says it all.
    fileprivate var marks: (mark: String?, owner: String?) {
        switch proof {
        case .target: (nil, nil)
        case .key(let mark, let owner): (mark, owner)
        }
    }
}

extension Parameter {
    fileprivate static func optional(_ text: String?) -> Parameter { text.map(Parameter.text) ?? .null }
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
