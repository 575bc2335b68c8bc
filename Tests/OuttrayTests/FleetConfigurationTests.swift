import Pipeline
import Providers
import SystemPackage
import Testing

@testable import outtray

@Suite struct FleetConfigurationTests {
    private static let frame = """
        state_dir: /s
        accounts: {main: {provider: postbreeze, api_key_env: KEY}, other: {provider: postbreeze, api_key_env: OTHER}}
        folders: {inbox: {path: /srv/inbox, account: main}}

        """

    private func read(_ text: String) throws -> Configuration {
        try Configuration.read("\(text)\n\(Self.frame)", file: "o.yaml", environment: ["HOME": "/h"])
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test func `without its key, a host is on its own`() throws {
        #expect(try read("").fleetPlan == nil)
        #expect(try read("fleet:").fleetPlan == nil)
    }

    @Test func `a full fleet reads to what it says`() throws {
        let plan = try read(
            """
            fleet:
              database: "service=outtray"
              host: ingest-1
              accounts: {main: brand-x}
              when_unreachable: {wait: 2m, then: upload}
              take_over_after: 90s
              manifest: /var/lib/outtray/all.json
            """
        ).fleetPlan

        let expected = FleetPlan(
            database: "service=outtray",
            host: "ingest-1",
            accounts: ["main": "brand-x", "other": "other"],
            whenUnreachable: UnreachableRule(wait: .seconds(120), then: .upload),
            takeOverAfter: .seconds(90),
            manifest: "/var/lib/outtray/all.json",
            journal: "/var/lib/outtray/all.ndjson"
        )
        #expect(plan == expected)
    }

    @Test func `a short fleet has the machine's name, and its manifest in the state directory`() throws {
        let plan = try #require(try read("fleet: {database: dbname=outtray}").fleetPlan)

        #expect(plan.host == Host.name && plan.accounts == ["main": "main", "other": "other"])
        #expect(plan.whenUnreachable == UnreachableRule(wait: .seconds(30), then: .upload))
        #expect(plan.takeOverAfter == .seconds(60))
        #expect(plan.manifest == "/s/fleet.json" && plan.journal == "/s/fleet.ndjson")
        #expect(try read("fleet: {database: d, when_unreachable: wait}").fleetPlan?.whenUnreachable.then == .wait)
    }

    static let wrong: [(line: String, words: String)] = [
        ("host: a", "o.yaml:1:8: fleet: database is missing: what libpq connects to"),
        ("database: \"\"", "o.yaml:1:19: fleet.database: must be what libpq connects to"),
        ("database: [x]", "fleet.database: must be what libpq connects to"),
        ("database: d, host: \"a:b\"", "fleet.host: must be a name for this host, not \"a:b\": a host's name has no :"),
        ("database: d, host: a/b", "a host's name has no : and no /"),
        (
            "database: d, accounts: {mian: x}",
            "fleet.accounts.mian: there is no account \"mian\" among accounts (main, other)"
        ),
        (
            "database: d, accounts: {main: \" x\"}",
            "fleet.accounts.main: a name neither begins nor ends with white space"
        ),
        ("database: d, accounts: {main: [x]}", "fleet.accounts.main: must be the account's name in the fleet"),
        ("database: d, accounts: [main]", "fleet.accounts: must be a mapping of names"),
        ("database: d, when_unreachable: upload", "must be wait, or a mapping such as {wait: 30s, then: upload}"),
        ("database: d, when_unreachable: {wait: 30}", "fleet.when_unreachable.wait: must be a duration"),
        (
            "database: d, when_unreachable: {then: drop}",
            "fleet.when_unreachable.then: must be upload or wait, not \"drop\""
        ),
        ("database: d, when_unreachable: {wait: 1s, then: wait}", "so leave the duration out"),
        ("database: d, take_over_after: 14s", "fleet.take_over_after: must be a duration from 15000ms to 60m"),
        ("database: d, manifest: fleet.json", "fleet.manifest: must be an absolute path"),
        ("database: d, manifest: /x/fleet.ndjson", "fleet.manifest: the journal has the ending ndjson beside it"),
        ("database: d, databse: e", "fleet.databse: unknown key; did you mean database?"),
    ]

    @Test(arguments: wrong) func `a wrong value is told with its place`(line: String, words: String) {
        let problems = problems("fleet: {\(line)}")

        #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
    }

    @Test func `a database that may hold a password is not quoted`() {
        let problems = problems("fleet: {database: \"host=h password=hush\\n\"}")

        #expect(problems.count == 1 && !problems[0].contains("hush"), "\(problems)")
    }

    private func checked(_ fleet: String, _ environment: [String: String]) throws -> [String] {
        let configuration = try Configuration.read(
            "\(fleet)\n\(Self.frame)",
            file: "o.yaml",
            environment: ["HOME": "/h"]
        )
        let checks = ConfigurationChecks(
            configuration: configuration,
            environment: environment,
            probe: FolderProbe.look(at: [])
        )
        return checks.fleetFiles().map(\.reason)
            + checks.fleetTargets(environment.mapValues { Secret($0) }).map { "\($0.key): \($0.reason)" }
    }

    @Test func `two accounts under one name in the fleet are one account`() throws {
        let fleet = "fleet: {database: d, accounts: {main: x, other: x}}"

        #expect(try checked(fleet, ["main": "k", "other": "k"]) == [])
        let told = try checked(fleet, ["main": "k", "other": "l"])
        #expect(
            told.count == 1 && told[0].hasPrefix("fleet.accounts.other: accounts main and other are both x"),
            "\(told)"
        )
    }

    @Test(arguments: [
        ("service=outtray", nil), ("dbname=outtray user=o", nil), ("host=localhost", nil),
        ("host=db.example sslmode=verify-full sslrootcert=/ca.pem", nil),
        ("host=db.example", "the connection to db.example is not safe"), ("host=/run password=hush", "has a password"),
        ("nonsense", "fleet.database is not understood"),
    ])
    func `a database that cannot be reached safely is an error at its place`(text: String, words: String?) throws {
        let configuration = try read("fleet: {database: \"\(text)\"}")
        let checks = ConfigurationChecks(
            configuration: configuration,
            environment: [:],
            probe: FolderProbe.look(at: [])
        )

        let problems = checks.fleetDatabase()

        #expect(problems.count == (words == nil ? 0 : 1), "\(problems)")
        #expect(problems.allSatisfy { $0.key == "fleet.database" && $0.line == 1 && $0.column == 19 }, "\(problems)")
        #expect(problems.allSatisfy { $0.reason.contains(words ?? "") && !$0.reason.contains("hush") }, "\(problems)")
    }

    @Test func `the fleet's manifest is not this host's`() throws {
        let told = try checked("fleet: {database: d, manifest: /s/manifest.json}", [:])

        #expect(told.count == 2 && told[0].contains("/s/manifest.json is this host's own manifest"), "\(told)")
    }
}
