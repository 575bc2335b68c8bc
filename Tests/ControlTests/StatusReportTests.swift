import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Control

@Suite struct StatusReportTests {
    init() { DisplayWidth.begin() }

    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    /// A service with an account that is blocked, one that is open, and files in all states.
    private var facts: ServiceFacts {
        var facts = ServiceFacts(version: "0.2.0", host: "ingest-1", now: Self.now)
        facts.process = (812, Self.now.advanced(by: .seconds(-(12 * 86_400 + 4 * 3600))))
        facts.accounts = [.sample("main", blockedBy: .quota), .sample("linkedin")]
        facts.folders = [folder("inbox", "main", directories: 412), folder("写真", "linkedin", polled: 3)]
        facts.tallies = [
            tally("inbox", "main", .uploaded, 8120), tally("inbox", "main", .queued, 37, bytes: 870_000_000),
            tally("inbox", "main", .rejected, 4), tally("写真", "linkedin", .uploaded, 221),
            tally("写真", nil, .settling, 2),
        ]
        facts.oldest = [
            StoredWait(account: "main", state: .queued, cause: nil): Self.now.advanced(by: .seconds(-4740)),
            StoredWait(account: nil, state: .settling, cause: nil): Self.now.advanced(by: .seconds(-40)),
        ]
        facts.lastByFolder = ["inbox": .init(path: "/srv/inbox/teaser.mp4", at: Self.now, reason: nil)]
        facts.lastError = .init(path: "/srv/inbox/bad\u{1B}[2J.jpg", at: Self.now, reason: "it is\nbad")
        return facts
    }

    private func folder(
        _ name: String,
        _ account: String,
        directories: Int = 0,
        polled: Int = 0,
        pollCauses: [PollCause: Int] = [:],
        trouble: String? = nil,
        isLookedThrough: Bool = true,
        unmounted: UnmountedFiles? = nil
    ) -> ServiceFacts.FolderFacts {
        var watch = WatchCondition()
        watch.directories = directories
        watch.polledDirectories = polled
        watch.pollCauses = pollCauses
        watch.trouble = trouble
        return .init(
            name: name,
            path: FilePath("/srv/\(name)"),
            account: account,
            condition: FolderCondition(
                name: name,
                path: FilePath("/srv/\(name)"),
                account: account,
                watch: watch,
                isLookedThrough: isLookedThrough,
                unread: nil,
                unmounted: unmounted
            )
        )
    }

    private func tally(
        _ folder: String,
        _ account: String?,
        _ state: FileState,
        _ files: Int,
        bytes: Int64 = 1000
    ) -> FileTally {
        FileTally(folder: folder, account: account, state: state, cause: nil, files: files, bytes: bytes)
    }

    private func lines(_ facts: ServiceFacts, width: Int?) -> [String] {
        let style = StatusReport.Style(now: Self.now, width: width, time: { _ in "09:12" }) { text in
            String(text.map { $0.isASCII && ($0.asciiValue ?? 32) < 32 ? "?" : $0 })
        }
        return StatusReport(facts).lines(style)
    }

    @Test func `problems come first with their fix, then folders and what waits`() {
        #expect(
            lines(facts, width: 80) == [
                "outtray 0.2.0 on ingest-1, up 12 d 4 h                                  degraded",
                "! main is blocked: its storage is full. 37 files wait (since 09:12), looked at",
                "  again 09:12",
                "    make room at the provider, then: outtray retry --account main",
                "",
                "FOLDER  ACCOUNT   WATCH            UP  WAIT  REJECTED  LAST",
                "inbox   main      inotify, 412  8,120    37         4  09:12 teaser.mp4",
                "写真    linkedin  polling, 3      221     2         0  -",
                "",
                "WAITING  37  main: its storage is full  870 MB  oldest 1 h 19 min",
                "          2  not settled yet              1 kB  oldest 40 s",
                "",
                "LAST ERROR  09:12 /srv/inbox/bad?[2J.jpg: it is?bad",
            ]
        )
    }

    @Test func `files whose file system is not mounted are a problem, which goes with them`() {
        func problems(_ unmounted: UnmountedFiles?) -> [StatusReport.Problem] {
            var facts = facts
            facts.folders = [folder("inbox", "main", unmounted: unmounted)]
            return StatusReport(facts).problems.filter { $0.code == "folder-unmounted" }
        }
        let problem = problems(UnmountedFiles(count: 3, directories: 2, first: "/srv/inbox/card")).first

        #expect(problem?.severity == .warning && problem?.subject == "inbox")
        #expect(
            problem?.message
                == "3 files of folder inbox count as there, but what they are on is not mounted: /srv/inbox/card and 1 more"
        )
        #expect(problems(nil).isEmpty)
    }

    @Test func `a fleet has a line, and is a problem while it cannot be asked`() {
        var facts = facts
        var fleet = FleetCondition(host: "ingest-1")
        fleet.members = (1...4).map { .init("ingest-\($0)", silentSince: $0 == 2 ? Self.now : nil) }
        fleet.published = 7
        facts.revision = 9
        facts.fleet = fleet

        #expect(lines(facts, width: 80).contains("FLEET  ingest-1, 4 hosts; silent: ingest-2; 2 changes to publish"))
        #expect(!StatusReport(facts).problems.contains { $0.code == "fleet-unreachable" })
        facts.fleet?.trouble = FleetClosure(reason: "its disk is full", since: Self.now, until: nil)
        let problem = StatusReport(facts).problems.first { $0.code == "fleet-unreachable" }
        #expect(problem?.message == "the fleet cannot be asked: its disk is full")
        #expect(problem?.subject == "ingest-1")
        #expect(StatusReport(facts).fleet?.reachable == false)
    }

    @Test func `polling is a problem where nobody wants it, with its cause and its fix`() {
        var facts = facts
        facts.folders = [
            folder("wanted", "main", polled: 1, pollCauses: [.configured: 1]),
            folder("network", "main", polled: 1, pollCauses: [.fileSystem("NFS"): 1]),
            folder("strange", "main", polled: 9, pollCauses: [.unheard("overlayfs"): 2, .fileSystem("NFS"): 7]),
            folder("large", "main", directories: 5, polled: 1, pollCauses: [.tooFewWatches: 1]),
        ]
        let report = StatusReport(facts)

        let problems = report.problems.filter { $0.code == "folder-polled" }
        #expect(problems.map(\.subject) == ["strange", "large"])
        #expect(
            problems.first?.message
                == "2 directories of folder strange are looked at every 2 s: inotify told nothing of overlayfs within 5 s"
        )
        #expect(problems.first?.fix == "if that is right, set watch: poll in the folder; if not, watch: inotify")
        #expect(problems.last?.message.hasPrefix("1 directory of folder large is looked at every 2 s") == true)
        #expect(problems.last?.fix?.contains("sysctl -w fs.inotify.max_user_watches=") == true)
        #expect(report.folders.map { $0.polledBecause?.count } == [1, 1, 2, 1])
        #expect(report.folders.map(\.watch) == ["polling", "polling", "polling", "both"])
        #expect(StatusReport(self.facts).folders.allSatisfy { $0.polledBecause == nil })
    }

    @Test func `no line is wider than the terminal, whatever the names`() {
        var facts = facts
        facts.lastByFolder["inbox"] = .init(
            path: FilePath("/srv/inbox/" + String(repeating: "写真", count: 60)),
            at: Self.now,
            reason: nil
        )
        for width in [80, 100, 200] {
            let wide = lines(facts, width: width).filter { DisplayWidth.of($0) > width }
            #expect(wide.isEmpty, "\(wide)")
        }
        #expect(lines(facts, width: nil).contains { $0.hasSuffix(String(repeating: "写真", count: 60)) })
    }

    @Test func `what goes up shows its bytes, rate and part`() throws {
        var report = StatusReport(version: "1", host: "here", state: .ok)
        report.uploading = [
            .init(
                path: "/srv/reels/cut-8.mp4",
                account: "linkedin",
                phase: "sending",
                bytes: 200_000_000,
                sent: 84_000_000,
                bytesPerSecond: 10_000_000,
                etaSeconds: 12,
                parts: 50,
                partsDone: 20
            ),
            .init(
                path: "/srv/reels/x.mp4",
                account: "linkedin",
                phase: "pace",
                bytes: 1000,
                sent: 0,
                bytesPerSecond: 0,
                etaSeconds: nil,
                parts: 0,
                partsDone: 0
            ),
        ]
        let style = StatusReport.Style(now: Self.now, width: 100, time: { _ in "" }) { $0 }

        #expect(
            report.lines(style).suffix(2) == [
                "SENDING  cut-8.mp4  42 %  84 of 200 MB  10 MB/s  12 s left  part 21 of 50",
                "         x.mp4                    1 kB           waits for the account's pace",
            ]
        )
    }

    @Test func `the state says how bad it is`() {
        var facts = facts
        #expect(StatusReport(facts).state == .degraded)
        facts.accounts = [.sample("main", blockedBy: .quota)]
        #expect(StatusReport(facts).state == .blocked)
        facts.accounts = [.sample("main", isPaused: true)]
        #expect(StatusReport(facts).state == .blocked)
        facts.accounts = [.sample("main")]
        #expect(StatusReport(facts).state == .ok)
        facts.folders = [folder("inbox", "main", isLookedThrough: false)]
        #expect(StatusReport(facts).state == .starting)
        facts.folders = [folder("inbox", "main", trouble: "it is not there")]
        #expect(StatusReport(facts).problems.map(\.code) == ["folder-unavailable"])
        facts.hooks = [
            HookStanding(name: "tell", failingSince: Self.now, lastReason: "exit code 1", waiting: 1),
            HookStanding(name: "fine", failingSince: nil, lastReason: nil, waiting: 2),
        ]
        #expect(StatusReport(facts).problems.map(\.message).last == "hook tell fails: exit code 1. 1 event waits")
        facts.closedRecords = ("the disk is full", .seconds(60))
        #expect(StatusReport(facts).state == .blocked)
        facts.isStopping = true
        #expect(StatusReport(facts).state == .stopping)
        facts.process = nil
        #expect(StatusReport(facts).state == .stopped)
    }

    @Test func `a listener without its address is a problem with a remedy, and one that listens is none`() throws {
        var facts = facts
        facts.accounts = [.sample("main")]
        let address = try #require(ListenAddress("127.0.0.1:8385"))
        func report(_ trouble: BindTrouble?) -> StatusReport {
            facts.listener = ListenerCondition(
                address: address.description,
                serves: [.metrics, .manifest],
                isOpen: trouble == nil,
                trouble: trouble,
                since: trouble.map { _ in Self.now }
            )
            return StatusReport(facts)
        }

        let open = report(nil)
        #expect(open.problems.isEmpty && open.state == .ok)
        #expect(open.listen == .init(address: "127.0.0.1:8385", serves: ["metrics", "manifest"], open: true))
        let closed = report(BindTrouble(.addressInUse, address))
        let problem = try #require(closed.problems.first)
        #expect(closed.state == .degraded && closed.listen?.open == false && closed.problems.count == 1)
        #expect(problem.code == "not-listening" && problem.severity == .warning && problem.subject == "127.0.0.1:8385")
        #expect(problem.message == "another process has 127.0.0.1:8385, so nothing listens there")
        #expect(problem.fix?.contains("ss -ltnp") == true && problem.since == Self.now.iso8601)
        facts.listener = nil
        #expect(StatusReport(facts).listen == nil)
    }

    @Test func `a report comes back from its JSON`() throws {
        let report = StatusReport(facts)
        let json = try JSONReader.value(of: Array(report.json.utf8)[...])
        #expect(try StatusReport(json: json) == report)
        #expect(json.members?["schema"]?.int64 == 1)
        #expect(throws: DecodingError.self) { try StatusReport(json: .object([])) }
    }

    @Test func `the line of a change has no times`() {
        #expect(
            StatusReport(facts).line
                == "degraded; main is blocked: its storage is full. 37 files wait; 37 wait (main: its storage is full); "
                + "2 wait (not settled yet); 8,341 up; 4 rejected"
        )
    }

    @Test func `two accounts whose files wait for the same are named`() {
        var facts = facts
        facts.accounts = [.sample("main"), .sample("linkedin")]
        facts.tallies = [tally("inbox", "main", .queued, 37), tally("写真", "linkedin", .queued, 3)]
        let style = StatusReport.Style(now: Self.now, width: 80, time: { _ in "10:31" }, printable: { $0 })

        let lines = StatusReport(facts).lines(style)

        #expect(lines.contains { $0.hasPrefix("WAITING  37  main: their turn comes") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("          3  linkedin: their turn comes") }, "\(lines)")
    }
}
