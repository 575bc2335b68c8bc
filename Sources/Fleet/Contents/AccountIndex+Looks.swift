import Pipeline
import Threads

/// Assets that their provider is still processing. One host of the fleet asks the provider, and the others learn from
/// the database: else an account's calls grew with the number of its hosts.
extension AccountIndex {
    func word(on asset: ProcessingAsset) async throws -> StatusWord {
        let key = ContentKey(account: account.name, sha256: asset.sha256)
        guard membership.isShared(account.name) else { return ask(about: key) }
        do {
            let now = clock.now
            let over = lookers.withLock { $0.standstill(of: key, at: now) }
            switch try await desk.look(at: key, asset.receipt, insteadOf: over) {
            case nil, .mine: return ask(about: key)
            case .told(let status):
                lookers.withLock { $0.forget(key) }
                return .told(status)
            case .theirs(let standing):
                lookers.withLock { $0.note(standing, of: key, at: now) }
                return .wait
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            membership.note(error)
            // Nobody knows whether another host asks.
            return ask(about: key)
        }
    }

    private func ask(about key: ContentKey) -> StatusWord {
        lookers.withLock { $0.forget(key) }
        return .ask
    }
}

extension ContentDesk {
    /// How far the fleet is with an asset.
    enum Look: Sendable {
        /// This host asks the provider, and the database has counted that.
        case mine
        case theirs(StatusLookers<ContinuousClock.Instant>.Standing)
        /// Nobody asks any more.
        case told(AssetStatus)
    }

    /// Nil if the fleet does not know the asset, or tells a status that this version does not know. The word of a host
    /// that could not find the status out does not count either.
    ///
    /// `over`: another host, which stands still there. If it still does, this host asks in its place from now on.
    func look(
        at key: ContentKey,
        _ receipt: Receipt,
        insteadOf over: StatusLookers<ContinuousClock.Instant>.Standing?
    ) async throws -> Look? {
        let host = try membership.identity().host
        let statement = ContentStatements.look(at: key, receipt, host: host, insteadOf: over)
        guard let row = try await database.run([statement]).first?.rows.first else { return nil }
        return try Look(row)
    }
}

extension ContentDesk.Look {
    /// Reads a row of ``ContentStatements/look(at:_:host:insteadOf:)``.
    init?(_ row: Row) throws(PostgresError) {
        guard let status = AssetStatus(rawValue: try row.text(0) ?? ""), status != .unknown else { return nil }
        if try row.boolean(3) == true {
            self = .mine
        } else if status != .processing {
            self = .told(status)
        } else if let host = HostID(try row.text(1) ?? "") {
            self = .theirs(.init(host: host, looked: try row.integer(2) ?? 0))
        } else {
            return nil
        }
    }
}

extension ContentStatements {
    /// Counts a look of this host at an asset, if it is the host that asks the provider. Returns a row if the fleet
    /// knows the asset: its status, the host that asks, how often a host has asked before, and whether it is this one.
    ///
    /// `over`: a host that has asked so often and no more. This one takes its place.
    static func look(
        at key: ContentKey,
        _ receipt: Receipt,
        host: HostID,
        insteadOf over: StatusLookers<ContinuousClock.Instant>.Standing?
    ) -> Statement {
        let asset =
            "c.account = $1::text AND c.sha256 = $2::bytea AND c.receipt IS NOT NULL AND "
            + StoredReceipt.areOfOneAsset("c.receipt", "$3::jsonb")
        return Statement(
            """
            WITH mine AS (
                UPDATE outtray.contents c SET looker = $4::uuid, looked = c.looked + 1
                WHERE \(asset) AND c.status = 'processing' AND (coalesce(c.looker, c.host) = $4::uuid
                    OR coalesce(c.looker, c.host) = $5::uuid AND c.looked = $6::bigint)
                RETURNING 1
            )
            SELECT c.status, coalesce(c.looker, c.host)::text, c.looked, EXISTS (SELECT FROM mine)
            FROM outtray.contents c WHERE \(asset)
            """,
            [
                .text(key.account), .bytes(key.sha256.bytes),
                .text(StoredReceipt(receipt, uploadedAt: Timestamp(milliseconds: 0)).text), .text(host.text),
                over.map { .text($0.host.text) } ?? .null, over.map { .integer($0.looked) } ?? .null,
            ]
        )
    }
}
