import ArgumentParser
import FoundationEssentials
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// `outtray sandbox`: both APIs and their storage on local ports, until a signal.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run both providers' APIs and their storage on this machine, to try things out and to test scripts.",
        discussion: """
            The sandbox answers as Postbreeze and ConnectSafely do, and is as strict: signed upload \
            URLs that expire, headers that must arrive byte for byte, rate limits, size caps. \
            Uploaded files land in a directory. Nothing leaves this machine, and no account is needed.

            TRY IT
            Start it in one terminal:

              outtray sandbox --directory /tmp/sandbox

            Then ask for an upload in another, and send the bytes to the uploadUrl that comes back:

              curl http://localhost:4100/api/v1/media/presign \\
                -H 'Authorization: Bearer pb_live_sandbox' \\
                -H 'Content-Type: application/json' \\
                -d '{"filename": "cat.png", "contentType": "image/png"}'

              curl -T cat.png -H 'Content-Type: image/png' 'UPLOAD_URL'

            BAD WEATHER
            Options below make it fail as real services do. They can be changed while it runs:

              curl http://localhost:4100/sandbox/weather \\
                -d '{"failEveryNthPut": 3, "latency": 0.25}'

            Durations are in seconds, null turns one off, what is not named stays, and counting \
            starts anew. Names: latency, failEveryNthPut, tooManyRequestsAfter, \
            resetMidBodyEveryNthPut, loseAnswerEveryNthCall, loseAnswerEveryNthPut, urlLifetime, \
            normaliseImagesFor, documentsProcessFor.

            POSTS
            It takes POST /posts and POST /posts/create, and refuses media that has no bytes or is \
            still processing. Nothing is published. docs/recipes.md has scripts that post.

            THE BOOKS
            What was asked, what arrived and what was posted, as JSON, without a key:

              curl http://localhost:4100/sandbox/books

            A complete file can be had from the storage: at Postbreeze under its publicUrl, at \
            ConnectSafely under /assets/ and its asset URN. Books, assets and upload URLs are kept \
            in memory and end with the process. The files stay.
            """
    )

    @OptionGroup(title: "Where") var place: SandboxPlaceOptions
    @OptionGroup(title: "Who, and how much") var account: SandboxAccountOptions
    @OptionGroup(title: "Bad weather") var weather: SandboxWeatherOptions

    @Flag(help: "Print one line for each request to standard error.")
    var verbose = false

    func run() async throws {
        var settings = SandboxConfiguration(directory: place.directory)
        place.apply(to: &settings)
        account.apply(to: &settings)
        weather.apply(to: &settings.weather)
        let logger = Logger(label: "sandbox", level: verbose ? .info : .warning)

        let sandbox = Sandbox(settings, logger: logger)
        var quiet = logger
        quiet.logLevel = .critical
        var group = ServiceGroupConfiguration(
            services: [sandbox, SandboxGreeting(sandbox: sandbox, settings: settings)],
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: quiet
        )
        // An upload that is still coming in delays the end no longer than this.
        group.maximumGracefulShutdownDuration = .seconds(2)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as SandboxError {
            throw ending(for: error)
        }
    }

    /// Says what is wrong and what to do, and picks the exit code (sysexits(3)).
    private func ending(for error: SandboxError) -> ExitCode {
        var text = "outtray sandbox: \(error.reason)"
        var code: Int32 = 75
        switch error.kind {
        case .portTaken(let listener, _), .cannotBind(let listener, _):
            text += "; choose another with --\(listener.rawValue)-port, or 0 for any free one"
        case .directory:
            text += "; choose another with --directory"
            code = 77
        case .stopped: break
        }
        Console.tell(text)
        return ExitCode(code)
    }
}

/// Prints where the sandbox listens, as soon as it does. Then waits for the end.
private struct SandboxGreeting: Service {
    let sandbox: Sandbox
    let settings: SandboxConfiguration

    func run() async throws {
        // An error that keeps the sandbox from starting ends the group by itself.
        guard let addresses = try? await sandbox.addresses() else { return try await gracefulShutdown() }
        let keys = settings.keys.sorted()
        let first = keys.first { $0.hasPrefix("pb_") } ?? keys.first ?? ""
        let second = keys.first { $0.hasPrefix("cs_") } ?? keys.first ?? ""
        func friendly(_ address: String) -> String { address.replacing("//127.0.0.1:", with: "//localhost:") }
        Console.print("postbreeze     \(friendly(addresses.postbreeze))   key \(first)")
        Console.print("connectsafely  \(friendly(addresses.connectSafely))   key \(second)")
        Console.print("storage        \(friendly(addresses.storage))   files land in \(settings.directory)")
        // Scripts wait for these lines. Without them, nobody learns where the sandbox listens.
        if Console.outputFailure != nil { throw ExitStatus.cannotWrite }
        try await gracefulShutdown()
    }
}
