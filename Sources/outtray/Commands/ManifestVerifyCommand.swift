import ArgumentParser
import Ledger
import Pipeline
import SystemPackage

/// `outtray manifest verify`: do snapshot, journal, ledger and disk agree?
struct ManifestVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare snapshot, journal, ledger and disk: each difference is a line with what to do.",
        discussion: """
            Reads all of them, changes nothing, and sends nothing. It works beside a running service: what the ledger \
            knows and the files do not show yet is newer, and no difference.

            Exit codes: 0 they agree, 65 they differ, 66 the manifest or a folder cannot be read, 73 standard output \
            could not be written, 75 there is no manifest or ledger yet, or the ledger is busy or of an earlier \
            version, 77 no permission, 78 wrong configuration or a damaged ledger.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let configuration = try options.file.read()
        let plan = configuration.manifestPlan
        guard let result = try result(configuration) else {
            Console.tell(
                "outtray: there is no manifest yet, or the ledger is of an earlier version: start the service once"
            )
            throw ExitStatus.tryAgain
        }
        if json {
            let differences = JSON.array(result.differences.map { $0.json(plan) })
            Console.print(JSON.object(["schema": .integer(1), "differences": differences]).json)
        } else {
            for difference in result.differences {
                let place = [difference.place.rawValue, difference.path.map { ManifestKey($0).text } ?? ""]
                    .filter { !$0.isEmpty }.joined(separator: " ")
                Console.print(printable("differs  \(place): \(difference.reason) — \(difference.fix(plan))"))
            }
            if result.differences.isEmpty {
                Console.print("ok  \(result.entries) entries and \(result.rejected) rejected agree")
            }
        }
        if result.silent > 0 {
            Console.tell("outtray: \(result.silent) files were not looked at: their file system does not answer")
            throw ExitStatus.noInput
        }
        if !result.differences.isEmpty { throw ExitStatus.someRejected }
    }

    private func result(_ configuration: Configuration) throws -> ManifestVerification.Result? {
        guard !LedgerRepair(directory: configuration.stateDirectory).isMissing else { return nil }
        do {
            return try ManifestVerification(
                configuration: configuration,
                probe: FolderProbe.look(at: configuration.folders)
            ).result()
        } catch let error as WorkplaceError {
            throw error
        } catch let error as SnapshotDamage {
            Console.tell("outtray: \(printable("\(error)"))")
            throw ExitStatus.noInput
        } catch {
            Console.tell("outtray: \(printable("the manifest cannot be read: \(error)"))")
            throw ExitStatus.noInput
        }
    }
}
