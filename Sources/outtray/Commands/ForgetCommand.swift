import ArgumentParser
import Control
import Ledger
import Logging
import Pipeline
import SystemPackage
import Threads

/// `outtray forget PATH…`: remove entries of files that left.
struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove from the manifest the entries of files that are not there any more.",
        discussion: """
            The journal tells each as "forgotten". The entry of a file that is there stays. The asset itself stays at \
            the provider, and its bytes stay known: a file with the same bytes is not uploaded again.

            Works with and without a running service. See also manifest.keep_gone, which does so by age.

            Exit codes: 0 all are forgotten, 1 one was not known, 65 one is there, so its entry stays, 73 standard \
            output could not be written, 75 the service did not do it, 77 no permission, 78 wrong configuration, or a \
            damaged or old ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the answer as one JSON object.")
    var json = false

    @Argument(help: "The files.", completion: .file())
    var paths: [PathArgument]

    func run() async throws {
        let answer = try await answer()
        let files = answer.files
        if json {
            Console.print(JSON.object(answer).json)
        } else {
            for file in files { Console.print("\(file.path): \(Self.words(file.outcome))") }
        }
        if files.contains(where: { $0.outcome == "present" }) { throw ExitStatus.someRejected }
        if files.contains(where: { $0.outcome == "unknown" }) { throw ExitCode.failure }
    }

    /// The service's answer. Without a service, this process does what the service would.
    private func answer() async throws -> [JSON.Member] {
        let service = try RunningService(options)
        let body = JSON.object(["paths": .array(paths.map(\.absolute.controlJSON))])
        do {
            return try await service.client.post("/api/v1/forget", body).members ?? []
        } catch .noService {
            let configuration = try options.file.read()
            let workplace = try Workplace(configuration, logger: Logger(label: "outtray", level: .critical))
            defer { workplace.close() }
            let files = try await Self.forget(paths.map(\.absolute), in: workplace, configuration)
            return Endpoint.forgetAnswer(files)
        } catch {
            throw RunningService.exit(error)
        }
    }

    private static func forget(
        _ paths: [FilePath],
        in workplace: Workplace,
        _ configuration: Configuration
    ) async throws -> [ForgottenFile] {
        let files = try await workplace.ledger.forget(paths, at: .now())
        CrashPoint.forgotten.reached()
        let clock = ContinuousClock()
        let manifest = ManifestWriter(
            plan: configuration.manifestPlan,
            source: workplace.ledger,
            bookkeeping: Bookkeeping(clock: clock) { _ in },
            clock: clock
        )
        try await manifest.flush()
        return files
    }

    private static func words(_ outcome: String) -> String {
        switch ForgottenFile.Outcome(rawValue: outcome) {
        case .forgotten: "forgotten"
        case .present: "is there, or on its way: its entry stays"
        case .unknown: "the manifest does not have it"
        case nil: printable(outcome)
        }
    }
}
