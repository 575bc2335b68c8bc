import Pipeline
import TestSupport
import Testing

@testable import Fleet

/// Statements about the same contents lock them in one order, so no two hosts wait for each other.
@Suite(.timeLimit(.minutes(5))) struct LockOrderTests {
    enum Step: CaseIterable {
        case claim, hold, release, takeOver, tell
    }

    /// The statements of a step of `host`, or for a takeover of another host.
    private func statements(_ step: Step, _ keys: [ContentKey], _ host: TestHost, _ other: TestHost) -> [Statement] {
        let claims = keys.map { ContentStatements.Claimed(key: $0, fence: 1, ticket: [1]) }
        return switch step {
        case .claim: [ContentStatements.claim(keys.map { ($0, 10) }, host: host.host)]
        case .hold: [ContentStatements.hold(claims, host: host.host)]
        case .release: ContentStatements.release(claims, host: host.host)
        case .takeOver: [ContentStatements.takeOver(keys, of: host.host, at: (host.boot, 0), host: other.host)]
        case .tell: ContentStatements.tell([PublishedContent(2, "two"), PublishedContent(1, "one")], host: host.host)
        }
    }

    @Test(arguments: Step.allCases)
    func `whatever the order of wish and table, the row of the lower key is locked first`(step: Step) async throws {
        try await withHosts(3) { database, hosts in
            let (a, b, c) = (hosts[0], hosts[1], hosts[2])
            // In the table, too, the higher key comes first.
            for number: UInt8 in [2, 1] { _ = try await a.claimed(key(number)) }
            let lock = "SELECT 1 FROM outtray.contents WHERE sha256 = $1::bytea FOR UPDATE"

            let free = try await whileOpen(
                {
                    let statement = Statement(lock, [.bytes(digest(1).bytes)])
                    _ = try await LateCommit(database: b.database).run([statement])
                },
                beside: database,
                { _ = try await a.database.run(statements(step, [key(2), key(1)], a, c)) },
                look: { try await c.database.run(lock + " SKIP LOCKED", [.bytes(digest(2).bytes)]).rows.count }
            ).seen

            #expect(free == 1)
        }
    }
}
