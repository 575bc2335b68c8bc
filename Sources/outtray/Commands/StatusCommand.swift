import ArgumentParser
import Control
import Pipeline
import Threads

/// `outtray status`: what the service does, what waits, and what needs a person.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what the service does, what waits for what, and what needs a person.",
        discussion: """
            Problems come first, each with what mends it. Then the folders, the files that wait, by what they wait \
            for, and the files that go up at this moment. For one file see: outtray why PATH.

            It asks the running service at its control socket. Without a service it tells what the ledger knows, and \
            ends with 69.

            Exit codes: 0 the service answered, 69 no service runs, 73 standard output could not be written, 75 the \
            service does not answer, or the ledger is busy or of an earlier version, 77 no permission, 78 wrong \
            configuration or a damaged ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print one JSON object, as GET /api/v1/status has it.")
    var json = false

    @Flag(help: "Go on, and show each change. Ends with Ctrl-C.")
    var watch = false

    /// How often the service is asked.
    private static let pause = Duration.milliseconds(500)

    func run() async throws {
        let configuration = try options.file.read()
        DisplayWidth.begin()
        guard watch else { return try await show(configuration) }
        var last: String?
        var hasToldOfLedger = false
        while true {
            guard let report = try await report(configuration) else {
                // A service that starts brings it up to date at this moment, or makes it.
                if last == nil, !hasToldOfLedger { Console.tell(Workplace.earlierLedger) }
                hasToldOfLedger = true
                try await rest(for: Self.pause)
                continue
            }
            if json {
                Console.print(report.json)
            } else if let size = Terminal.size {
                if last == nil { Console.print("\u{1B}[2J") }
                Terminal.redraw(report.lines(style(width: size.columns)), in: size)
                last = ""
            } else if case let line = printable(report.line), line != last {
                Console.print("\(WallClock(now: .now()).words(.now()))  \(line)")
                last = line
            }
            if Console.outputFailure != nil { return }
            try await rest(for: json ? Self.pause * 2 : Self.pause)
        }
    }

    private func show(_ configuration: Configuration) async throws {
        guard let report = try await report(configuration) else {
            Console.tell(Workplace.earlierLedger)
            throw ExitStatus.tryAgain
        }
        if json {
            Console.print(report.json)
        } else {
            for line in report.lines(style(width: Terminal.size?.columns)) { Console.print(line) }
        }
        guard report.state == .stopped else { return }
        Console.tell("outtray: no service runs: this is what the ledger knows")
        throw ExitStatus.unavailable
    }

    private func style(width: Int?) -> StatusReport.Style {
        let clock = WallClock(now: .now())
        return StatusReport.Style(now: clock.now, width: width, time: clock.words, printable: printable)
    }

    /// The service's report, or the ledger's where no service runs. Nil for a ledger of an earlier version.
    private func report(_ configuration: Configuration) async throws -> StatusReport? {
        let client = ControlClient(SocketPlace.ofService(stateDirectory: configuration.stateDirectory))
        do {
            return try StatusReport(json: try await client.get("/api/v1/status"))
        } catch ControlTrouble.noService {
            return try Workplace.mapped {
                try ServiceFacts.ofLedger(configuration, version: Outtray.version)
            }.map { StatusReport($0) }
        } catch let trouble as ControlTrouble {
            throw RunningService.exit(trouble)
        } catch is DecodingError {
            throw RunningService.exit(.strange("the service is of another version, and its status cannot be read"))
        }
    }
}
