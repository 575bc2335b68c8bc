import ArgumentParser
import Pipeline
import SystemPackage
import Threads

/// `outtray manifest follow`.
struct ManifestFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Print each change of the manifest as it comes, and never end.",
        discussion: """
            Prints the lines of the journal after a revision, each once, in order: also over restarts of the service \
            and when the journal is replaced. It reads the journal itself; the service may run or not.

            Where changes cannot be told one by one any more, a line {"event":"reset","revision":N} comes, and then \
            the whole journal: forget what you know. So it is when the revision is of another ledger, or when the \
            journal was replaced while nobody followed.

              outtray manifest follow --since 40 | while read -r change; do ...; done

            Exit codes: it ends by a signal alone, or: 66 the journal is there and cannot be read, 73 standard output \
            could not be written, 78 wrong configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp("The journal itself; the configuration is then not read.", valueName: "file"),
        completion: .file(extensions: ["ndjson"])
    )
    var journal: PathArgument?

    @Flag(help: "Print the changes of all hosts of the fleet.")
    var fleet = false

    @Option(help: ArgumentHelp("Only what changed after this revision.", valueName: "revision"))
    var since: Int64 = 0

    func validate() throws {
        if since < 0 { throw ValidationError("a revision is 0 or more") }
    }

    func run() async throws {
        let path = try journal?.path ?? (fleet ? options.fleet().journal : options.file.read().manifest.journal)
        let reader = JournalReader(path, since: since)
        while Console.outputFailure == nil {
            do {
                if let lines = try await offPool({ try reader.next() }) {
                    // Each line has its line break already.
                    Console.print(String(decoding: lines.dropLast(), as: UTF8.self))
                } else {
                    try await rest(for: JournalReader.pause)
                }
            } catch let error as Errno {
                Console.tell("outtray: \(printablePath(path)) cannot be read: \(error)")
                throw ExitStatus.noInput
            }
        }
    }
}
