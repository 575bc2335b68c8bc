import Control
import Foundation
import Ledger
import Logging
import Pipeline
import Providers
import Sandbox
import ServiceLifecycle
import SystemPackage

/// The demo's course: the daemon's own parts, files that arrive while they work, and the manifest at the end.
struct Demo: Service {
    let place: DemoPlace
    let sandbox: Sandbox
    let keep: Bool
    /// Nil without the page.
    let page: DemoPage?
    let logger: Logger

    func run() async throws {
        let addresses = try await sandbox.addresses()
        try place.furnish(addresses)
        let file = ConfigurationFile(
            given: place.configuration.string,
            environment: ProcessInfo.processInfo.environment
        )
        let checked = try file.readAndCheck(needsFolders: true, needsSocket: keep)
        let (configuration, keys) = (checked.configuration, checked.keys)
        let workplace = try Workplace(configuration, logger: logger)
        let transfer = Transfer(logger: logger)
        let assembly = Assembly(configuration: configuration, keys: keys, transfer: transfer)
        let show = DemoShow()
        let plan = assembly.plan()
        let metrics = PipelineMetrics(MetricRegistry())
        let front = ServiceFront(workplace, file, metrics: metrics, version: Release.version, logger: logger)
        let pipeline = Pipeline(plan, ledger: workplace.ledger, logger: logger) { event in
            show.observe(event)
            front.observe(event)
        }
        tellBeginning(addresses)

        let pass = Pass(
            pipeline: pipeline,
            transfer: transfer,
            begin: {
                if let page { try await page.open(front) }
                try await drop()
            },
            isDone: {
                guard try await allHaveSettled(in: workplace.ledger) else { return false }
                for account in plan.accounts {
                    guard try await workplace.ledger.book(of: account.configured).nextLook() == nil else {
                        return false
                    }
                }
                try await pipeline.flush()
                guard !show.isOver else { return !keep }
                show.end()
                try tellEnd(configuration)
                return !keep
            },
            result: PassResult()
        )
        guard keep else { return try await pass.run() }
        do {
            try await front.serve(
                pipeline,
                refusal: { nil },
                reload: { .refused("the demo reads its configuration once") },
                while: { try await pass.run() }
            )
        } catch {
            await transfer.shutdown()
            throw error
        }
    }

    /// Puts the samples into both folders, one after the other. One sample is written slowly, to be seen settling.
    private func drop() async throws {
        for sample in SampleFile.accepted + SampleFile.rejected {
            for account in ["postbreeze", "linkedin"] {
                let path = place.inbox(account).appending(sample.name)
                let slowly = sample.name == SampleFile.accepted.last?.name
                try await write(sample.bytes, to: path, pauses: slowly ? 4 : 0)
            }
            // Whoever looks at the page wants to see each of them.
            try await Task.sleep(for: page == nil ? .milliseconds(60) : .seconds(1))
        }
    }

    /// Whether all dropped files have been seen and have settled.
    ///
    /// A pass does not wait for a file that was found changing or held open. A slow machine may find a sample so,
    /// although nobody writes the samples any more.
    private func allHaveSettled(in ledger: SQLiteLedger) async throws -> Bool {
        let dropped = 2 * (SampleFile.accepted.count + SampleFile.rejected.count)
        let counts = try await ledger.counts()
        return counts.values.reduce(0, +) >= dropped && counts[.settling] == nil
    }

    private func write(_ bytes: [UInt8], to path: FilePath, pauses: Int) async throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        defer { try? file.close() }
        let step = bytes.count / (pauses + 1) + 1
        for start in stride(from: 0, to: bytes.count, by: step) {
            try file.writeAll(bytes[start..<min(start + step, bytes.count)])
            if pauses > 0 { try await Task.sleep(for: .milliseconds(200)) }
        }
    }

    private func tellBeginning(_ addresses: SandboxAddresses) {
        Console.print(
            """
            The sandbox plays both providers, on this machine alone:
              postbreeze     \(addresses.postbreeze)
              connectsafely  \(addresses.connectSafely)
            Watching, while files arrive in:
              \(place.inbox("postbreeze"))
              \(place.inbox("linkedin"))

            """
        )
    }

    private func tellEnd(_ configuration: Configuration) throws {
        let manifest = try ManifestFile(configuration.manifest.path)
        let outtray = CommandLine.arguments.first ?? "outtray"
        let first = manifest.items(since: 0).first { $0.shown("mediaId")?.isEmpty == false }?.key ?? "FILE"
        var text = """

            The manifest is \(configuration.manifest.path), its journal \(configuration.manifest.journal). Scripts read \
            both as they are, or ask:

              \(outtray) manifest get --config \(place.configuration) --field mediaId \(first)
              \(outtray) manifest list --config \(place.configuration) --json
              \(outtray) manifest list --config \(place.configuration) --rejected

            """
        if keep {
            let place = page == nil ? "drop files of your own" : "drop files of your own, there or on the page"
            text += "\nStill watching: \(place). Ctrl-C ends it.\n"
        }
        text += "\n$ \(outtray) manifest list --config \(place.configuration)"
        Console.print(text)
        for item in manifest.items(since: 0) where !item.isRejected { Console.print(item.summary) }
    }
}
