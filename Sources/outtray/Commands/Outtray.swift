import ArgumentParser
import Glibc
import Ledger

/// `outtray`: parses, loads, calls, prints. What it does stands in the subcommands, one a file.
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

            To use it: write /etc/outtray/outtray.yaml, then

              outtray check     is everything as it must be?
              outtray run       the service itself

            Exit codes: 0 all done, 64 wrong usage, 65 some files were rejected, 75 some files wait \
            for another try, 77 no permission, 78 wrong configuration or a damaged ledger.
            """,
        version: version,
        subcommands: [
            DemoCommand.self, RunCommand.self, SyncCommand.self, PushCommand.self, ManifestCommand.self,
            CheckCommand.self, SandboxCommand.self,
        ]
    )

    static let version = "0.1.0"

    static func main() async {
        // A reader of our output that goes away, and a lease that is broken, are no reason to die.
        for ignored in [SIGPIPE, SIGIO] { signal(ignored, SIG_IGN) }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            Console.complain("\(error)")
            exit(withError: ExitStatus.configuration)
        } catch let error as WorkplaceError {
            end(with: error)
        } catch let error as LedgerError {
            // One that came up on the way, as when the file was removed.
            end(with: WorkplaceError(error))
        } catch {
            exit(withError: error)
        }
    }

    private static func end(with error: WorkplaceError) -> Never {
        Console.complain("outtray: \(error)")
        exit(withError: error.exitCode)
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
