import ArgumentParser
import CLinux
import Control
import Glibc
import Ledger
import Logging
import SystemPackage

/// `outtray`: parses, loads, calls, prints. The subcommands do the work, one a file.
@main
struct Outtray: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outtray",
        abstract: "Upload what is dropped into a folder, and keep a manifest of the ids for other scripts.",
        discussion: """
            Outtray watches folders. An image, video, GIF or PDF that is dropped in, and has stopped changing, is \
            uploaded to Postbreeze or, through ConnectSafely, to LinkedIn; its media id or asset URN then stands in \
            manifest.json.

            To see it work, with no account and no network:

              outtray demo

            To use it:

              outtray setup     write a configuration: provider, key, folder
              outtray check     is everything as it must be?
              outtray run       the service itself
              outtray status    what it does, what waits, what needs you
              outtray why FILE  where is this file, and why

            Exit codes: 0 all done, 64 wrong usage, 65 some files were rejected, 66 the manifest cannot be read, 69 \
            no service runs, 73 standard output could not be written, 75 some files wait for another try, 77 no permission, 78 wrong \
            configuration, or a damaged or old ledger.
            """,
        version: Release.words,
        subcommands: [
            DemoCommand.self, SetupCommand.self, RunCommand.self, SyncCommand.self, PushCommand.self,
            ManifestCommand.self,
            StatusCommand.self, WhyCommand.self, WaitCommand.self, RetryCommand.self, PauseCommand.self,
            ResumeCommand.self, RescanCommand.self, ReloadCommand.self, ForgetCommand.self, PageCommand.self,
            CheckCommand.self, FleetCommand.self, SandboxCommand.self,
        ]
    )

    static let version = Release.version

    /// The bound on malloc's arenas.
    ///
    /// Malloc's own bound is eight arenas a processor. Memory that one thread frees is then seldom taken by another.
    /// After 24,000 uploads, only 23 of 60 MiB were in use.
    private static let arenas: Int32 = 2

    static func main() async {
        _ = clinux_bound_arenas(arenas)
        Console.occupyClosedStreams()
        // Neither a reader of our output that goes away nor a broken lease is a reason to die.
        for ignored in [SIGPIPE, SIGIO] { signal(ignored, SIG_IGN) }
        let arguments = ArgumentText.own
        Console.adopt(format(in: arguments))
        let code = await run(arguments)
        guard let failure = Console.finishOutput() else { exit(withError: code) }
        // A reader may go away, as with `outtray manifest list | head`.
        if failure != .brokenPipe { Console.tell("outtray: standard output cannot be written: \(failure)") }
        exit(withError: ExitStatus.cannotWrite)
    }

    /// The format of what goes to standard error.
    private static func format(in arguments: [String]) -> LogStyle.Format {
        let named = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        guard let command = named as? any LoggingCommand.Type else { return .text }
        return command.format(in: arguments)
    }

    /// Runs a command line. Reports what is wrong with it, or what went wrong.
    private static func run(_ arguments: [String]) async -> ExitCode {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch let error as ConfigurationError {
            for notice in error.notices { Console.tell(notice) }
            return ExitStatus.configuration
        } catch let error as WorkplaceError {
            return end(with: error)
        } catch let error as SocketProblem {
            return end(with: WorkplaceError(error.description, error.errno))
        } catch let error as LedgerError {
            // An error on the way, for example because the file was removed.
            return end(with: WorkplaceError(error))
        } catch {
            // The parser's own errors, help among them, or a command's exit code.
            let message = ArgumentText.shown(fullMessage(for: error))
            let code = exitCode(for: error)
            if !message.isEmpty { code.isSuccess ? Console.print(message) : Console.tell(message) }
            return code
        }
    }

    private static func end(with error: WorkplaceError) -> ExitCode {
        Console.tell(Notice(.error, "outtray: \(error)", as: "\(error)"))
        return error.exitCode
    }
}

extension WorkplaceError {
    fileprivate var exitCode: ExitCode {
        switch self {
        case .held, .later: ExitStatus.tryAgain
        case .denied: ExitStatus.noPermission
        case .unusable: ExitStatus.configuration
        }
    }
}
