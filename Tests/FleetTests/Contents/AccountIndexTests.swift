import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct AccountIndexTests {
    private let file = MediaFile.sample(1)

    /// A copy in which another host shows content 1.
    private func copy() async throws -> SQLiteLedger {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let hosts = [SharedHost(HostID(), name: "there")]
        let start = FleetPlace(fleet: "f", revision: 0, mark: nil)
        try await ledger.show(try await ledger.beginCopy(), of: hosts, at: start)
        let shown = row("/in/9", 1, 1)
        let change = SharedChange(
            revision: 1,
            event: .uploaded,
            host: hosts[0].host,
            path: shown.path,
            content: shown.content,
            account: TestMember.account.name
        )
        try await ledger.take([change], of: hosts, upTo: FleetPlace(fleet: "f", revision: 1, mark: "m"))
        return ledger
    }

    @Test func `in an outage the copy counts only for an account that the fleet has called its own`() async throws {
        let (member, copy) = (try lonelyMember(), try await copy())
        try await member.withDesk { desk in
            let index = member.index(desk, copy: copy)

            let before = try await index.claim(digest(1), of: file)
            _ = member.note(.shared)
            let after = try await index.claim(digest(1), of: file)
            let unknown = try await index.claim(digest(2), of: file)

            guard case .waits(.fleetUnreachable, _) = before, case .waits(.fleetUnreachable, _) = unknown else {
                Issue.record("\(before), \(unknown)")
                return
            }
            guard case .up(let asset) = after else {
                Issue.record("\(after)")
                return
            }
            #expect(asset.receipt.mediaID == "med_1" && asset.host == "there")
        }
    }

    @Test func `a file of an account that may be another owner's goes up as if its host were alone`() async throws {
        let (member, copy) = (try lonelyMember(), try await copy())
        _ = member.note(.unproven(reason: "another key"))
        try await member.withDesk { desk in
            let claim = try await member.index(desk, copy: copy).claim(digest(1), of: file)

            guard case .alone = claim else {
                Issue.record("\(claim)")
                return
            }
        }
    }

    @Test func `no file goes of an account that is another one to the fleet`() async throws {
        let (member, copy) = (try lonelyMember(.upload), try await copy())
        let name = TestMember.account.name
        let conflict = TargetConflict(account: name, target: "a", host: "me", otherTarget: "b", otherHost: "there")
        _ = member.note(.another(conflict))
        try await member.withDesk { desk in
            let closure = member.index(desk, copy: copy).closure

            #expect(closure?.reason == conflict.description && closure?.until == nil)
        }
    }

    @Test func `a ticket is sealed in the database, and is read again by a later claim`() async throws {
        let ticket = Ticket(
            receipt: Receipt(mediaID: "med_1", status: .processing),
            pieces: [Piece(index: 0, range: 0..<10, url: "https://storage.example/put?signature=x", headers: [])]
        )
        let copy = try SQLiteLedger(inMemory: quiet)
        try await withMember(of: try await newFleet()) { member in
            let claims = try await member.withDesk { desk in
                let index = member.index(desk, copy: copy)
                var claims: [HeldContent] = []
                for _ in 0..<2 {
                    guard case .mine(let content) = try await index.claim(digest(1), of: file) else { break }
                    claims.append(content)
                    guard case .held = try await index.hold(ticket, for: content) else { break }
                }
                return claims
            }

            #expect(claims.map(\.ticket) == [nil, ticket])
            let rows = try await member.connection.run("SELECT ticket FROM outtray.contents").rows
            let sealed = try #require(try rows.first?.bytes(0))
            #expect(!String(decoding: sealed, as: UTF8.self).contains("storage.example"))
        }
    }

    @Test func `a process that learns of a twin lets no file go`() async throws {
        let copy = try SQLiteLedger(inMemory: quiet)
        try await withMember(of: try await newFleet()) { member in
            try await member.enterTwin()

            let claim = try await member.withDesk { try await member.index($0, copy: copy).claim(digest(1), of: file) }

            guard case .waits(.fleetUnreachable, _) = claim else {
                Issue.record("\(claim)")
                return
            }
        }
    }
}
