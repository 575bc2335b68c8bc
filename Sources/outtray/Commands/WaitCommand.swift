import ArgumentParser
import Control
import Ledger
import Pipeline
import SystemPackage
import Threads
import Watch

/// `outtray wait PATH|DIR…`: return when all are up.
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Return when these files, or all files in these directories, are up.",
        discussion: """
            A file that was copied a moment ago is waited for, too, whether the service has seen it or not. Of a \
            directory, all files in it are waited for, those that come meanwhile included.

              cp cut-8.mp4 /srv/reels/ && outtray wait /srv/reels/cut-8.mp4 --for ready && ./post

            Without a running service the ledger answers, where all are up already.

            Exit codes: 0 all are there, 65 one was rejected or failed, 69 no service runs and not all are up, 73 \
            standard output could not be written, 75 the time is over, or the service ended meanwhile, 77 no \
            permission, 78 wrong configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("uploaded, or ready: the asset can be used.", valueName: "state")
    )
    var goal: WaitGoal = .uploaded

    @Option(help: ArgumentHelp("How long to wait at most.", valueName: "duration"))
    var timeout: TimeoutArgument = .init(.seconds(600))

    @Flag(help: "Print the answer as one JSON object.")
    var json = false

    @Argument(help: "Files and directories.", completion: .file())
    var paths: [PathArgument]

    func run() async throws {
        let (answer, isService) = try await answer()
        let (failed, pending) = (Self.files(answer["failed"]), Self.files(answer["pending"]))
        if json {
            Console.print(JSON.object(answer).json)
        } else {
            for (path, reason) in failed.first + pending.first { Console.tell("outtray: \(path): \(reason)") }
        }
        if failed.count > 0 { throw ExitStatus.someRejected }
        guard pending.count > 0 else { return }
        if !isService { throw RunningService.exit(.noService(try RunningService(options).client.socket)) }
        throw ExitStatus.tryAgain
    }

    /// The service's answer; without a service, what the ledger says. `isService`: whether the service gave it.
    private func answer() async throws -> (answer: [JSON.Member], isService: Bool) {
        let service = try RunningService(options)
        let body = JSON.object([
            "paths": .array(paths.map(\.absolute.controlJSON)), "for": .string(goal.rawValue),
            "timeoutSeconds": .integer(timeout.seconds),
        ])
        do throws(ControlTrouble) {
            let patience = Duration.seconds(timeout.seconds + 60)
            return (try await service.client.post("/api/v1/wait", body, within: patience).members ?? [], true)
        } catch {
            guard case .noService = error else { throw RunningService.exit(error) }
        }
        let configuration = try options.file.read()
        let waits = FileWaits(
            // Their file systems may hang.
            look: { paths in
                try await BlockingThreads.shared.run { try paths.map { try Self.look(at: $0, configuration) } }
            },
            list: { path in try await BlockingThreads.shared.run { try Self.files(inDirectory: path, configuration) } }
        )
        let report = try await waits.wait(for: paths.map(\.absolute), goal, within: .zero, looks: timeout.duration)
        return (Endpoint.answer(report).members ?? [], false)
    }

    private static func look(at path: FilePath, _ configuration: Configuration) throws -> WaitedFile {
        let known = try Workplace.mapped { try LedgerOutlook.file(at: path, in: configuration.stateDirectory) }
        let now: WaitedFile.Presence
        do throws(Errno) {
            let status = try FileStatus.of(path)
            now = status.kind == .regular ? .there(status.version) : .noFile
        } catch {
            now = FileStatus.meansGone(error) ? .missing : .unknown("it cannot be looked at: \(error)")
        }
        let unknown = UnknownFile(path, in: configuration)
        return WaitedFile(
            path,
            now: now,
            record: known?.record,
            row: known?.row,
            outside: unknown.isOutside ? unknown.words : nil
        )
    }

    private static func files(inDirectory path: FilePath, _ configuration: Configuration) throws -> [FilePath]? {
        let folders = configuration.folders.compactMap { configuration.plan(of: $0)?.watched }
        // A directory that no folder takes is as wrong as such a file.
        let isTaken = try folders.contains { folder in
            if folder.path.starts(with: path) { return true }
            guard path.starts(with: folder.path) else { return false }
            let exclusion = folder.exclusionOnDisk(of: path, isDirectory: true)
            if let exclusion, case .undecided = exclusion { throw exclusion }
            return exclusion == nil
        }
        guard isTaken else { return nil }
        guard try FileStatus.isDirectory(path) || folders.contains(where: { $0.path == path }) else { return nil }
        let found = try folders.flatMap { folder in
            if folder.path.starts(with: path) { return try FolderListing.files(beneath: folder.path, of: folder) }
            return try path.starts(with: folder.path) ? FolderListing.files(beneath: path, of: folder) : []
        }
        // Their disk may be away.
        let waiting = try Workplace.mapped {
            try LedgerOutlook.waiting(beneath: path, in: configuration.stateDirectory)
        }
        return Array(Set(found).union(waiting))
    }

    /// The files of one kind in an answer, for people.
    private static func files(_ json: JSON?) -> (count: Int64, first: [(path: String, reason: String)]) {
        guard let members = json?.members, case .array(let items)? = members["first"] else { return (0, []) }
        let first = items.map { item in
            (printable(item.members?["path"]?.string ?? "?"), printable(item.members?["reason"]?.string ?? ""))
        }
        return (members["files"]?.int64 ?? 0, first)
    }
}

extension WaitGoal: ExpressibleByArgument {}

/// A duration on the command line: `30s`, `10m`, `2h`.
struct TimeoutArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = Duration(configuration: argument), duration <= .seconds(31_536_000) else { return nil }
        self.duration = duration
    }

    /// Rounded up.
    var seconds: Int64 {
        let (seconds, rest) = duration.components
        return rest > 0 ? seconds + 1 : seconds
    }

    var defaultValueDescription: String { "\(seconds)s" }
}

extension UnknownFile {
    /// Whether no folder takes the path, whatever is there.
    fileprivate var isOutside: Bool {
        switch self {
        case .outside, .subdirectory, .ignored, .sidecar, .marker, .link: true
        case .missing, .directory, .notRegular, .unreadable, .undecided, .notScanned: false
        }
    }
}
