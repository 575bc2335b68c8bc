import Pipeline
import TestSupport
import Testing
import Watch

@testable import outtray

@Suite struct FindingTests {
    private let problem = Finding(
        name: .folder,
        subject: "in",
        verdict: .waiting,
        message: "it is closed",
        fix: "open it"
    )

    @Test func `marks are of equal width, and a fix follows its problem`() {
        #expect(Finding(name: .clock, message: "now").line(isColoured: false) == "ok  clock: now")
        #expect(problem.line(isColoured: false) == "no  folder in: it is closed — open it")
        let weak = Finding(name: .inotify, verdict: .weak, message: "few")
        #expect(weak.line(isColoured: false) == "!   inotify: few")
        #expect(weak.line(isColoured: true) == "\u{1B}[33m!\u{1B}[0m   inotify: few")
    }

    @Test func `a name cannot break its line`() {
        let line = Finding(name: .folder, subject: "a\nb", message: "c\u{1B}[2J", fix: "d\re").line(isColoured: false)

        #expect(line == #"ok  folder a\u{a}b: c\u{1b}[2J — d\u{d}e"#)
    }

    @Test func `the worst finding gives the exit code, and what works less well gives none`() {
        let codes = Finding.Verdict.allCases.map { Finding(name: .clock, verdict: $0, message: "") }

        #expect([Finding]().exitCode == nil)
        #expect(Array(codes.prefix(2)).exitCode == nil)
        #expect(Array(codes.prefix(3)).exitCode == ExitStatus.tryAgain)
        #expect(Array(codes.prefix(4).reversed()).exitCode == ExitStatus.noPermission)
        #expect(codes.exitCode == ExitStatus.configuration)
    }

    @Test func `scripts get one object with the fields of each`() {
        let json = [problem, Finding(name: .clock, message: "now")].json.json

        #expect(
            json == #"{"schema":1,"checks":[{"name":"folder","subject":"in","ok":false,"message":"it is closed","#
                + #""fix":"open it"},{"name":"clock","subject":"","ok":true,"message":"now","fix":null}]}"#
        )
    }

    @Test func `colours are for terminals that want them`() {
        #expect(Console.isColourful([:]) && Console.isColourful(["NO_COLOR": "", "TERM": "xterm"]))
        #expect(!Console.isColourful(["NO_COLOR": "1"]) && !Console.isColourful(["TERM": "dumb"]))
    }
}

/// What the kernel's limits mean for folders, and a server's clock for ours.
@Suite struct DoctorRuleTests {
    private func finding(watches: Int?, instances: Int? = 128, others: Int? = nil, directories: Int = 3) throws
        -> Finding?
    {
        let directory = try TemporaryDirectory()
        for number in 1..<directories { try directory.makeDirectory("\(number)") }
        let extent = FolderExtent(of: WatchedFolder(name: "in", path: directory.path))
        return limits(watches, instances, others: others).finding(for: [extent])
    }

    private func limits(_ watches: Int?, _ instances: Int?, others: Int? = nil) -> InotifyLimits {
        InotifyLimits(
            watches: InotifyRoom(.watches, allowed: watches, others: others),
            instances: InotifyRoom(.instances, allowed: instances)
        )
    }

    @Test func `enough watches are ok, and too few name the sysctl and its value`() throws {
        #expect(try finding(watches: 3)?.verdict == .ok)
        let few = try #require(try finding(watches: 2))
        #expect(few.verdict == .weak && few.message.hasPrefix("3 directories need a watch each"))
        #expect(few.fix?.contains("sysctl -w fs.inotify.max_user_watches=524288") == true)
        let shared = try #require(try finding(watches: 10, others: 8))
        #expect(shared.verdict == .weak && shared.message.contains("may have 10, of which other programs have 8"))
        #expect(try finding(watches: 11, others: 8)?.message.contains("3 of 11 watches needed, 8 used by") == true)
        let none = try finding(watches: 100, instances: 0)
        #expect(none?.fix?.contains("fs.inotify.max_user_instances=1024") == true)
    }

    @Test func `what the kernel does not tell is left out`() throws {
        #expect(try finding(watches: nil) == nil)
        #expect(limits(1, 1).finding(for: []) == nil)
    }

    @Test func `a clock is wrong from a minute on, in both directions`() throws {
        let check = OnlineCheck(
            configuration: try Configuration.read(
                "state_dir: /s\naccounts: {}\nfolders: {}\n",
                file: "o",
                environment: [:]
            ),
            keys: [:]
        )
        let now = Timestamp(milliseconds: 1_000_000)
        func words(_ server: Int64) -> String? {
            check.clock(of: Timestamp(milliseconds: server), at: now, address: "x")?.message
        }

        #expect(words(940_000) == nil && words(1_060_000) == nil)
        #expect(words(939_000) == "this machine's clock is 61 s ahead of that of x")
        #expect(words(1_061_000) == "this machine's clock is 61 s behind that of x")
    }

    /// A refused key needs a person; a server that is away does not.
    @Test func `each failure of a call has its verdict and a word on what to do`() {
        let kinds: [ProviderError.Kind] = [.refusedKey, .unreachable, .insecure, .quota, .throttled(nil), .outOfOrder]
        let verdicts: [Finding.Verdict] = [.wrong, .waiting, .wrong, .waiting, .waiting, .wrong]

        #expect(kinds.map(OnlineCheck.verdict) == verdicts)
        #expect(kinds.allSatisfy { !OnlineCheck.fix(for: $0).isEmpty })
        #expect(Set(kinds.map(OnlineCheck.fix)).count == kinds.count)
    }

    @Test func `a 404 asks whether the address has the provider's path`() {
        let own = "https://api.example/api/v1"
        let error = ProviderError(.unexpectedAnswer, "no", status: 404)
        func words(_ address: String) -> String { OnlineCheck.remedy(for: error, of: address, own) }

        #expect(words("https://api.example") == "nothing answers there: does base_url end in /api/v1?")
        #expect(words("https://api.example/api/v1/") == "nothing answers there: is base_url the API's?")
        #expect(words("https://other.example/api/v1") == words("https://api.example/api/v1"))
        let other = ProviderError(.refusedKey, "no", status: 401)
        #expect(OnlineCheck.remedy(for: other, of: "https://api.example", own) == OnlineCheck.fix(for: .refusedKey))
    }

    @Test func `the right to leases is read from the effective set`() {
        #expect(Surroundings.mayLease(status: "Name:\tx\nCapEff:\t0000000010000000\n"))
        #expect(!Surroundings.mayLease(status: "CapPrm:\t0000000010000000\nCapEff:\t00000000efffffff\n"))
        #expect(!Surroundings.mayLease(status: ""))
    }
}
