import ArgumentParser
import Control
import Foundation
import Pipeline
import Providers
import SystemPackage

/// `outtray check`: is all as it must be?
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check configuration, folders and machine: each line is ok, or says what to do.",
        discussion: """
            Looks at the file, the keys, the folders, the state directory, the kernel's inotify limits, the clock, \
            the TCP listener and the places of the manifest, as `outtray run` does before it starts, and changes \
            nothing. A line begins with "ok"; with "!" where something works less well than it could; with "no" where \
            files wait.

            The database of a fleet is asked whether this host can work with it.

            Nothing else is sent, unless --online is given: then one call for each account, which creates nothing, shows \
            whether the API can be reached, its certificate is good, it takes the key, and its clock agrees.

            With --ignored it says of each path whether its folder passes over it, and by which pattern: of which file, \
            and in which line.

            With --unit it says what the service's unit keeps it from: of each folder, key and directory, whether the \
            unit's sandbox and the file permissions let the service at it, and which lines in the unit, or which \
            commands, mend that. It asks systemd, or reads FILE and the drop-ins beside it. Without --config \
            it is about the configuration that the unit names. Root sees all of it. The \
            exit code says what the service meets.

            With --repair it looks at the ledger instead, whole, with the service stopped. One that is damaged or \
            missing is rebuilt from the manifest's journal and snapshot; the damaged one is kept beside it as \
            outtray.db.damaged-TIME. What is up stays up and known; uploads under way start over. One that is older \
            than the manifest, as a copy that was put back, takes up what the manifest knows.

            Exit codes: 0 files go up, or the ledger is whole now; with --ignored, one path at least is passed over; 1 \
            with --ignored, none is; 75 a folder is not there, is closed to this user or does not answer, an API \
            or a fleet's database that is waited for cannot be reached, a hook's command cannot be started, or another outtray works with the state directory; 77 no permission; 78 something is \
            wrong, or a key is refused.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Look at the ledger, and mend it from the manifest if it is damaged, missing or old.")
    var repair = false

    @Flag(help: "Also call each account's API once, without creating anything.")
    var online = false

    @Option(
        name: .long,
        defaultAsFlag: UnitChoice.service,
        help: ArgumentHelp("Say what the service's unit keeps it from, and which lines mend it.", valueName: "file"),
        completion: .file(extensions: ["service"])
    )
    var unit: UnitChoice?

    @Flag(help: "Say of each path by which rule its folder passes over it.")
    var ignored = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "With --ignored: the paths; they need not be there.", completion: .file())
    var paths: [PathArgument] = []

    func validate() throws {
        guard ignored == !paths.isEmpty else {
            throw ValidationError(ignored ? "--ignored needs a path" : "paths go with --ignored")
        }
        guard [repair, online, ignored, unit != nil].count(where: \.self) < 2 else {
            throw ValidationError("--repair, --online, --ignored and --unit are four checks: give one")
        }
        if repair, json { throw ValidationError("--json does not go with --repair") }
    }

    func run() async throws {
        if repair {
            return try Repair(configuration: options.file.read()).run(at: .now()) { Console.print($0) }
        }
        if let unit { return try await tellUnit(unit.file) }
        if ignored { return try tellIgnored(try options.file.read()) }
        let findings: [Finding]
        let ledgerError: WorkplaceError?
        do {
            (findings, ledgerError) = try await Checkup(file: options.file, online: online).look()
        } catch let error as ConfigurationError {
            if json { Console.print(error.findings.json.json) }
            throw error
        }
        if json {
            Console.print(findings.json.json)
        } else {
            for finding in findings { Console.print(finding.line(isColoured: Console.isOutputColoured)) }
        }
        if let ledgerError { throw ledgerError }
        if let code = findings.exitCode { throw code }
    }

    private func tellUnit(_ file: FilePath?) async throws {
        let report: UnitReport
        do {
            report = try await UnitReport.look(options.file, isNamed: options.config != nil, unit: file)
        } catch let error as ConfigurationError {
            if json { Console.print(error.findings.json.json) }
            throw error
        }
        Console.print(json ? report.json.json : report.text(isColoured: Console.isOutputColoured))
        if let code = report.findings.exitCode { throw code }
    }

    private func tellIgnored(_ configuration: Configuration) throws {
        let answers = paths.map { ($0.absolute, UnknownFile($0.absolute, in: configuration)) }
        if json {
            let list = answers.map { path, rule in
                JSON.object(
                    ManifestKey(path).fields("path") + [
                        .init("ignored", rule.isPassedOver.map(JSON.bool) ?? .null),
                        .init("reason", .string(rule.words)),
                        .init("rule", rule.ignoringRule?.json ?? .null),
                    ]
                )
            }
            Console.print(JSON.object(["schema": .integer(1), "paths": .array(list)]).json)
        } else {
            for (path, rule) in answers {
                Console.print("\(rule.heading)  \(printablePath(path)): \(printable(rule.judgement))")
            }
        }
        guard answers.contains(where: { $1.isPassedOver == true }) else { throw ExitCode.failure }
    }
}

/// Which unit `--unit` means.
enum UnitChoice: ExpressibleByArgument, CustomStringConvertible {
    /// That of this machine's service.
    case service
    case file(FilePath)

    init(argument: String) {
        self = .file(PathArgument(argument: argument).absolute)
    }

    var file: FilePath? {
        guard case .file(let file) = self else { return nil }
        return file
    }

    var description: String { file.map(printablePath) ?? UnitSource.unit }
}

extension UnknownFile {
    /// Of equal width in all cases.
    fileprivate var heading: String {
        switch isPassedOver {
        case true?: "ignored    "
        case false?: "not ignored"
        case nil: "unknown    "
        }
    }

    /// Whether a scan takes the path, in words. ``words`` says why nothing is known of it.
    fileprivate var judgement: String {
        switch self {
        case .notScanned(let folder): "its folder \(folder) takes it"
        case .missing: "no rule passes over it; there is no such file now"
        case .directory: "no rule passes over it; it is a directory, and each file in it has a name of its own"
        default: words
        }
    }
}

extension ConfigurationError {
    /// A finding for each problem.
    fileprivate var findings: [Finding] {
        problems.map { Finding(name: .configuration, subject: $0.key, verdict: .wrong, message: text($0)) }
    }
}
