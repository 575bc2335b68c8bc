import ArgumentParser
import Control
import Foundation
import Ledger
import Pipeline
import SystemPackage
import Watch

/// `outtray why PATH`: where a file is, and why.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say where a file is, what led there, and what comes next.",
        discussion: """
            Tells each step of the file, from the moment it was seen to its entry in the manifest: what it waits for, \
            who has it open, which words it was refused with. A file that left is told of for 30 days.

            It reads the ledger and changes nothing; the service may run or not. A running service also tells how far \
            an upload is, and what keeps the file's account.

            Exit codes: 0 the file is known, 1 it is not (the reason goes to standard output, too), 73 standard output \
            could not be written, 75 the ledger is busy or of an earlier version, 77 no permission, 78 wrong \
            configuration or a damaged ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "The file; it does not have to be there any more.", completion: .file())
    var path: PathArgument

    func run() async throws {
        let configuration = try options.file.read()
        let path = path.absolute
        let known = try Workplace.mapped {
            try LedgerOutlook.file(at: path, in: configuration.stateDirectory)
        }
        guard let known else {
            Console.tell(Workplace.earlierLedger)
            throw ExitStatus.tryAgain
        }
        // A service that does not answer knows no more than the ledger.
        let client = ControlClient(SocketPlace.ofService(stateDirectory: configuration.stateDirectory))
        let status = try? StatusReport(json: await client.get("/api/v1/status", within: .seconds(2)))
        let explanation = FileExplanation(
            path,
            known,
            upload: status?.upload(of: path),
            outlook: status?.outlook ?? .ofLedger,
            in: configuration
        )
        if json {
            Console.print(explanation.json.json)
        } else {
            DisplayWidth.begin()
            let lines = explanation.lines(
                time: WallClock(now: .now()).words,
                printable: printable,
                width: Terminal.size?.columns
            )
            for line in lines { Console.print(line) }
        }
        if !known.isKnown { throw ExitCode.failure }
    }
}

extension FileExplanation {
    /// With what the disk and `/proc` tell now. Blocks as long as the path's file system does.
    ///
    /// Of a path that is neither known nor a watched folder's, nothing is told: the page's readers may ask of any path.
    init(
        _ path: FilePath,
        _ known: KnownFile,
        upload: UploadBoard.Upload? = nil,
        outlook: WaitOutlook = .ofLedger,
        in configuration: Configuration?
    ) {
        let unknown = known.hasFile ? nil : configuration.map { UnknownFile(path, in: $0) }
        self.init(
            path,
            known,
            file: known.isKnown || unknown?.isWatched == true ? FileFacts(at: path) : nil,
            holders: known.record?.state == .settling ? FileHolders(of: path) : .none,
            upload: upload,
            outlook: outlook,
            unknown: known.isKnown ? nil : unknown?.words ?? "it was never seen",
            companion: unknown?.companionWords
        )
    }
}

extension FileFacts {
    /// The file at a path, by lstat(2). Nil unless there is a regular file.
    init?(at path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        self.init(
            bytes: Int64(status.st_size),
            modified: Timestamp(milliseconds: FileVersion(status).modified / 1_000_000),
            links: Int(status.st_nlink)
        )
    }
}
