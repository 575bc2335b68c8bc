import ArgumentParser
import Foundation
import Logging
import Sandbox
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// `outtray demo`: the whole job in one go, on this machine alone.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See the whole job in one go, with no account and no network.",
        discussion: """
            Starts the sandbox (both providers' APIs on local ports), makes two folders, and watches them as \
            `outtray run` does, while one small real file of each accepted type and two that must be rejected arrive \
            in each. Shows each upload as it happens, and at the end the manifest and how scripts read it. All of it \
            stays in one directory, which is yours to look at and to remove.
            """
    )

    @Flag(help: "Show the page: print a link to it, open it where there is a desktop, and go on until Ctrl-C.")
    var page = false

    @Flag(help: "Go on watching afterwards, until Ctrl-C: drop files of your own.")
    var keep = false

    @Option(help: ArgumentHelp("Where to do it; by default a new directory in /tmp.", valueName: "directory"))
    var directory: PathArgument?

    func run() async throws {
        let place = try DemoPlace(directory)
        var logger = Logger(label: "demo", level: .critical)
        logger.logLevel = .critical
        var settings = SandboxConfiguration(directory: place.sandbox.string)
        settings.postbreezePort = 0
        settings.connectSafelyPort = 0
        settings.storagePort = 0
        settings.weather.normaliseImagesFor = .milliseconds(500)
        let sandbox = Sandbox(settings, logger: logger)
        let demo = Demo(
            place: place,
            sandbox: sandbox,
            keep: keep || page,
            page: page ? DemoPage(directory: place.root) : nil,
            logger: logger
        )
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: sandbox),
                .init(
                    service: demo,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                ),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }
}
