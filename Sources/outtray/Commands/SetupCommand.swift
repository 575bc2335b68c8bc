import ArgumentParser
import Foundation
import Glibc
import Pipeline
import Providers
import Subprocess
import SystemPackage

/// `outtray setup`: from the package to the first id in a minute.
struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Write a configuration for one account and one folder, and check it.",
        discussion: """
            Asks for what is not given by an option, writes the configuration and the key's file, makes the folder, and \
            checks all of it as `outtray check --online` does. Root sets up the machine's service in /etc/outtray; any \
            other user a service of their own in ~/.config/outtray. A configuration that has accounts or folders already \
            is never changed.

            The key is asked for on the terminal, which does not show it, or read from --key-file. It goes into a file of \
            its own, which only the service can read. It is never an argument, as every user of the machine can see those.

            For a script: outtray setup --provider postbreeze --key-file - --folder /srv/inbox --yes --start

            Exit codes: 0 all is as it must be, 64 wrong usage, 75 to 78 as `outtray check`; 78 also if there is a \
            configuration already, or a file cannot be written.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "Where files go: postbreeze, connectsafely (LinkedIn), or sandbox (this machine, to try things out).")
    var provider: String?

    @Option(
        help: ArgumentHelp("The file that has the API key; - for standard input.", valueName: "file"),
        completion: .file()
    )
    var keyFile: String?

    @Option(help: ArgumentHelp("The folder to watch. It is made if it is not there.", valueName: "directory"))
    var folder: PathArgument?

    @Option(help: "The account's name in the configuration. (default: main, linkedin or sandbox)")
    var account: String?

    @Option(help: "ConnectSafely: which LinkedIn account, where the key has several.")
    var accountId: String?

    @Option(help: "ConnectSafely: for a company page, its URN.")
    var companyUrn: String?

    @Option(help: "The API's address, if it is not the provider's own.")
    var baseUrl: String?

    @Flag(help: "Ask nothing: take the default of what is not given, and write.")
    var yes = false

    @Flag(inversion: .prefixedNo, help: "Start the machine's service now and at each boot, if systemd is there.")
    var start: Bool?

    @Flag(help: "Do not call the API.")
    var offline = false

    func validate() throws {
        if let provider, AccountProvider(rawValue: provider) == nil {
            let names = AccountProvider.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(provider) is no provider: \(names)")
        }
        if let account,
            account.isEmpty || !account.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        {
            throw ValidationError("--account is a name of letters, digits and -")
        }
    }

    func run() async throws {
        do {
            try await setUp()
        } catch let failure as SetupFailure {
            Console.tell("outtray: \(printable(failure.reason))")
            throw ExitStatus.configuration
        } catch is SetupDialog.Ended {
            Console.tell("outtray: nothing was written")
            throw ExitCode.failure
        }
    }

    private func setUp() async throws {
        let given = options.config.map { PathArgument(argument: $0).absolute }
        let place = SetupPlace(given: given, environment: ProcessInfo.processInfo.environment)
        let present = try place.present()
        let answers = try gather(place)
        try place.write(answers, beside: present)
        Console.tell("wrote \(printablePath(place.configuration))")
        do {
            try await check(place)
        } catch {
            Console.tell("Mend what is said there, then: outtray check\(place.option)")
            throw error
        }
        try await finish(place, answers, isGiven: given != nil)
    }

    /// Checks all of it as the service's own user: root may read what the service may not.
    private func check(_ place: SetupPlace) async throws {
        let file = place.configuration.string
        if place.service != nil {
            let check = ["check", "--config", file] + (offline ? [] : ["--online"])
            let result = try await Subprocess.run(
                .name("runuser"),
                arguments: Arguments(["-u", SetupPlace.ServiceUser.name, "--", try Self.program()] + check),
                output: .currentStandardOutput,
                error: .currentStandardError
            )
            switch result.terminationStatus {
            case .exited(0): return
            case .exited(let code): throw ExitCode(code)
            default: throw ExitCode.failure
            }
        }
        let own = ConfigurationFile(given: file, environment: ProcessInfo.processInfo.environment)
        let (findings, ledgerError) = try await Checkup(file: own, online: !offline).look()
        for finding in findings { Console.print(finding.line(isColoured: Console.isOutputColoured)) }
        if let ledgerError { throw ledgerError }
        if let code = findings.exitCode { throw code }
    }

    /// The path of this program.
    private static func program() throws(SetupFailure) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw SetupFailure("/proc is not there: outtray check says whether all is as it must be")
        }
    }

    // MARK: Questions

    private func gather(_ place: SetupPlace) throws -> SetupAnswers {
        let dialog = yes ? nil : SetupDialog.isPossible ? SetupDialog() : nil
        if dialog != nil {
            Console.tell("Outtray uploads what is dropped into a folder. Nothing is written before the end.")
        }
        let provider = try chooseProvider(dialog)
        var answers = SetupAnswers(
            provider: provider,
            account: account ?? SetupAnswers.account(of: provider),
            folder: place.folder,
            stateDirectory: place.stateDirectory
        )
        if provider != .sandbox { answers.key = Secret(try key(dialog)) }
        let settings = [("account_id", accountId), ("company_urn", companyUrn), ("base_url", baseUrl)]
        answers.settings = settings.compactMap { name, value in value.map { (name: name, value: $0) } }
        if let folder {
            answers.folder = folder.absolute
        } else if let dialog {
            let text = try dialog.ask("folder to watch", usual: place.folder.string) { text in
                text.hasPrefix("/") ? ConfiguredPath.trouble(with: text) : "an absolute path, such as \(place.folder)"
            }
            answers.folder = FilePath(text).lexicallyNormalized()
        } else if !yes {
            throw ValidationError("give --folder, or --yes for \(place.folder): there is no terminal to ask on")
        }
        guard ConfiguredPath.read(answers.folder.string) != nil, FilePath(answers.folder.string) == answers.folder
        else {
            throw ValidationError("a folder's path is UTF-8 text, and absolute: \(printablePath(answers.folder))")
        }
        let files = [place.configuration] + (answers.key == nil ? [] : [place.keyFile(of: answers.account)])
        let names = files.map(printablePath).joined(separator: " and ")
        if let dialog, try !dialog.agrees(to: "write \(names)?") { throw SetupDialog.Ended() }
        return answers
    }

    private func chooseProvider(_ dialog: SetupDialog?) throws -> AccountProvider {
        let names = AccountProvider.allCases.map(\.rawValue)
        if let provider, let known = AccountProvider(rawValue: provider) { return known }
        guard let dialog else {
            throw ValidationError("give --provider: \(names.joined(separator: ", "))")
        }
        let question = "where files go (postbreeze, connectsafely for LinkedIn, sandbox to try it out)"
        let text = try dialog.ask(question, usual: names[0]) { text in
            names.contains(text) ? nil : "one of \(names.joined(separator: ", "))"
        }
        return AccountProvider(rawValue: text) ?? .sandbox
    }

    private func key(_ dialog: SetupDialog?) throws -> String {
        if let keyFile {
            let isTyped = keyFile == "-" && isatty(STDIN_FILENO) == 1
            let typed = isTyped ? try HiddenInput.readLine() : keyFile == "-" ? readLine() : nil
            let text = keyFile == "-" ? typed ?? "" : try content(of: PathArgument(argument: keyFile).absolute)
            if let trouble = SetupAnswers.trouble(withKey: text) { throw SetupFailure(trouble) }
            return String(text.trimmed)
        }
        guard let dialog else {
            throw ValidationError("give --key-file, or - there for a key on standard input")
        }
        return try dialog.askSecretly("API key", trouble: SetupAnswers.trouble(withKey:))
    }

    private func content(of file: FilePath) throws(SetupFailure) -> String {
        do {
            return String(decoding: try RegularFile.content(of: file), as: UTF8.self)
        } catch {
            // Without its name: it may be the key itself.
            throw SetupFailure("the file that --key-file names cannot be read: \(error)")
        }
    }

    // MARK: The end

    /// Starts the service if it should be, and says what comes next.
    private func finish(_ place: SetupPlace, _ answers: SetupAnswers, isGiven: Bool) async throws {
        let file = place.option
        let unit = isGiven || start == false ? nil : SystemdUnit.find()
        var isRunning = false
        if let unit, try start ?? wantsStart(unit) {
            try await unit.enableNow()
            Console.tell("\(unit.words) runs, and does so after each boot")
            isRunning = true
        } else if start == true {
            throw SetupFailure("there is no unit to start: outtray run\(file)")
        }
        let next = isRunning ? "" : "  outtray run\(file)\n"
        Console.print(
            """

            Next:
            \(next)  drop a photo into \(printablePath(answers.folder)), then
              outtray status\(file)
              outtray manifest list\(file)
            """
        )
    }

    private func wantsStart(_ unit: SystemdUnit) throws -> Bool {
        guard !yes, SetupDialog.isPossible else { return false }
        return try SetupDialog().agrees(to: "start \(unit.words) now, and at each boot?")
    }
}
