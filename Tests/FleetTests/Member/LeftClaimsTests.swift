import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(1))) struct LeftClaimsTests {
    private let account = AccountPlan(
        name: TestMember.configured.name,
        provider: ScriptedProvider(),
        settings: 0,
        providerName: "postbreeze",
        identity: TestMember.configured.identity,
        concurrency: 1,
        rate: [],
        writeRate: [],
        admission: Admission(provider: "postbreeze", acceptedTypes: [.jpeg], limits: SizeLimits()),
        fleet: TestMember.account
    )

    @Test func `a start lets go of claims that earlier processes have left`() async throws {
        let conninfo = try await newFleet()
        let ledger = try SQLiteLedger(inMemory: quiet)
        let host = try await ledger.host()
        try await withFleetDatabase(conninfo) { database in
            let earlier = try await TestHost(database, host, named: TestMember.name)
            _ = try await earlier.claimed(key(1))
            let other = try await TestHost(database, named: "other")
            let service = try FleetHost(TestMember.plan(conninfo), book: ledger, logger: quiet)
            _ = service.index(of: account)

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await service.run(release: { _ in }, opened: {}, copied: {}) }
                defer { group.cancelAll() }
                try await untilSo { try await other.claimed(key(1)) != nil }
            }
        }
    }
}
