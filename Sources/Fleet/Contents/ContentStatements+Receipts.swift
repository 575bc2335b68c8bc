import Pipeline

extension ContentStatements {
    /// Tells which assets contents have. The first one stays; any other is listed among the duplicates, by its ids.
    static func tell(_ contents: [PublishedContent], host: HostID) -> [Statement] {
        guard !contents.isEmpty else { return [] }
        let parameters: [Parameter] =
            contents.map(\.key).parameters + [
                .integers(contents.map(\.size)), .texts(contents.map(\.stored.text)),
                .texts(contents.map(\.stored.receipt.status.rawValue)), .text(host.text),
            ]
        return [
            Statement(
                """
                INSERT INTO outtray.contents AS c (account, sha256, size, host, receipt, status)
                SELECT w.account, w.sha256, w.size, $6::uuid, w.receipt::jsonb, w.status FROM \(wanted)
                WHERE w.status <> 'failed' ORDER BY w.account, w.sha256
                ON CONFLICT (account, sha256) DO UPDATE
                    SET receipt = excluded.receipt, status = excluded.status, host = excluded.host, ticket = NULL,
                        free = false, looker = NULL
                    WHERE c.receipt IS NULL
                """,
                parameters
            ),
            Statement(
                """
                UPDATE outtray.contents c SET status = w.status FROM \(wanted)
                WHERE c.account = w.account AND c.sha256 = w.sha256 AND \(isSame) AND w.status <> 'failed'
                    AND c.status IS DISTINCT FROM w.status AND c.status IS DISTINCT FROM 'ready'
                """,
                parameters.dropLast()
            ),
            // The provider could not process it: the bytes may go up anew.
            Statement(
                """
                WITH failed AS (
                    UPDATE outtray.contents c SET receipt = NULL, status = NULL, free = true, fence = c.fence + 1
                    FROM \(wanted)
                    WHERE c.account = w.account AND c.sha256 = w.sha256 AND \(isSame) AND w.status = 'failed'
                    RETURNING c.account, c.sha256, w.receipt
                )
                INSERT INTO outtray.duplicates (account, sha256, host, receipt)
                SELECT account, sha256, $6::uuid, receipt::jsonb - 'uploadedAt' FROM failed ON CONFLICT DO NOTHING
                """,
                parameters
            ),
            Statement(
                """
                INSERT INTO outtray.duplicates (account, sha256, host, receipt)
                SELECT w.account, w.sha256, $6::uuid, w.receipt::jsonb - 'uploadedAt'
                FROM \(wanted) JOIN outtray.contents c ON c.account = w.account AND c.sha256 = w.sha256
                WHERE c.receipt IS NOT NULL AND NOT (\(isSame)) AND w.status <> 'failed'
                ON CONFLICT DO NOTHING
                """,
                parameters
            ),
        ]
    }

    private static let wanted = """
        unnest($1::text[], $2::bytea[], $3::bigint[], $4::text[], $5::text[]) AS w (account, sha256, size, receipt, status)
        """

    private static let isSame = StoredReceipt.areOfOneAsset("c.receipt", "w.receipt::jsonb")
}
