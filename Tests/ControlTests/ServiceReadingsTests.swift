import Pipeline
import SystemPackage
import Testing

@testable import Control

@Suite struct ServiceReadingsTests {
    private var facts: ServiceFacts {
        var facts = ServiceFacts(version: "1", host: "here", now: Timestamp(milliseconds: 90_000))
        facts.process = (1, Timestamp(milliseconds: 0))
        return facts
    }

    private func tally(_ folder: String?, _ state: FileState, _ files: Int, _ cause: WaitCause? = nil) -> FileTally {
        FileTally(folder: folder, account: "main", state: state, cause: cause, files: files, bytes: 1)
    }

    private func shown(_ family: MetricFamily, _ facts: ServiceFacts) throws -> [String] {
        let reading = try #require(facts.readings.first { $0.family == family })
        return reading.values.map { "\($0.labels.map(\.value).joined(separator: " ")) \(Int($0.value))" }
    }

    @Test func `each folder in force shows all states, and other folders count as none`() throws {
        var facts = facts
        facts.folders = [.init(name: "inbox", path: "/in", account: "main")]
        facts.tallies = [tally("inbox", .uploaded, 3), tally("former", .gone, 1), tally(nil, .gone, 2)]

        #expect(
            try shown(.files, facts) == [
                " gone 3", "inbox settling 0", "inbox queued 0", "inbox uploading 0", "inbox uploaded 3",
                "inbox rejected 0", "inbox skipped 0", "inbox gone 0",
            ]
        )
    }

    @Test func `of an account's causes, the present one is 1`() throws {
        var facts = facts
        facts.accounts = [.sample("main", blockedBy: .quota), .sample("other")]
        let values = try shown(.accountBlocked, facts)

        #expect(values.count == 2 * 9)
        #expect(values.filter { $0.hasSuffix(" 1") } == ["main quota 1"])
    }

    @Test func `without a fleet nothing of one is shown, and with one, all of it`() throws {
        var facts = facts
        #expect(!facts.readings.contains { $0.family.name.hasPrefix("outtray_fleet_") })
        facts.revision = 42
        var fleet = FleetCondition(host: "ingest-1")
        fleet.members = (1...4).map { .init("ingest-\($0)", silentSince: $0 == 2 ? .now() : nil) }
        (fleet.published, fleet.adopted) = (40, 7)
        facts.fleet = fleet

        #expect(try shown(.fleetReachable, facts) == [" 1"])
        #expect(try shown(.fleetHosts, facts) == ["alive 3", "silent 1"])
        #expect(try shown(.fleetUnpublished, facts) == [" 2"])
        #expect(try shown(.fleetAdopted, facts) == [" 7"])
        fleet.trouble = FleetClosure(reason: "no answer", since: Timestamp(milliseconds: 0), until: nil)
        facts.fleet = fleet
        #expect(try shown(.fleetReachable, facts) == [" 0"])
    }

    @Test func `files that wait show by what they wait for now, with the age of the oldest`() throws {
        var facts = facts
        facts.accounts = [.sample("main", blockedBy: .quota)]
        facts.tallies = [tally("inbox", .queued, 3), tally("inbox", .queued, 4, .retry), tally("inbox", .settling, 2)]
        facts.oldest = [
            StoredWait(account: "main", state: .queued, cause: nil): Timestamp(milliseconds: 60_000),
            StoredWait(account: "main", state: .queued, cause: .retry): Timestamp(milliseconds: 30_000),
        ]

        #expect(try shown(.waitingFiles, facts) == ["quota main 7", "settling main 2"])
        #expect(try shown(.oldestWaiting, facts) == ["quota main 60", "settling main 0"])
    }

    @Test func `what cannot be read now does not show`() {
        #expect(facts.readings.filter { !$0.values.isEmpty }.map(\.family) == [.buildInfo])
    }

    @Test func `the kernel tells of this process`() throws {
        for reading in ProcessReadings.all() {
            let value = try #require(reading.values.first, "\(reading.family.name)").value
            #expect(value > 0, "\(reading.family.name)")
        }
    }
}

extension AccountCondition {
    /// An account with four slots and one rate.
    static func sample(
        _ name: String,
        blockedBy cause: WaitCause? = nil,
        isPaused: Bool = false
    ) -> AccountCondition {
        AccountCondition(
            name: name,
            provider: "postbreeze",
            concurrency: 4,
            inFlight: 1,
            waitingForPace: 0,
            block: cause.map { cause in
                Block(
                    cause: cause,
                    reason: "its words",
                    since: Timestamp(milliseconds: 0),
                    until: Timestamp(milliseconds: 120_000)
                )
            },
            isPaused: isPaused,
            rates: [.init(calls: 60, window: .seconds(60), used: 12)],
            share: 0.5
        )
    }
}
