import ArgumentParser
import Pipeline

/// `outtray manifest export`: the whole manifest as a table.
struct ManifestExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print all entries as a table, for spreadsheets and databases.",
        discussion: """
            CSV as RFC 4180 has it: a header line, then one row an entry, in the order of the manifest; with --rejected \
            one row a rejected file. Paths are written as the manifest writes them. Lists are JSON. A field that an \
            entry does not have is empty.

              outtray manifest export --csv > manifest.csv

            Columns: \(ManifestFields.namesOfEntry.joined(separator: ", ")); of rejected files: \
            \(ManifestFields.namesOfRejection.joined(separator: ", ")).

            Exit codes: 0 all is printed, 66 the manifest is there and cannot be read, 73 standard output could not be \
            written, 75 there is no manifest yet, 78 wrong configuration.
            """
    )

    @OptionGroup var source: ManifestOptions

    @Flag(help: "Print comma-separated values.")
    var csv = false

    @Flag(help: "Print the rejected files, with code and reason, instead of the entries.")
    var rejected = false

    func validate() throws {
        guard csv else { throw ValidationError("name the format: --csv") }
    }

    func run() throws {
        let manifest = try source.open()
        let names = rejected ? ManifestFields.namesOfRejection : ManifestFields.namesOfEntry
        var table = OutputBuffer()
        table.add(CSVText.row(names))
        manifest.forEach { item in
            guard item.isRejected == rejected else { return }
            table.add(CSVText.row(names.map { item.field($0) ?? "" }))
        }
        table.flush()
    }
}

/// Gathers printed text, so that a table of many rows is not a write(2) for each.
private struct OutputBuffer {
    /// In bytes. As much as a pipe holds.
    private static let most = 1 << 16

    private var text = ""

    mutating func add(_ row: String) {
        text += row
        if text.utf8.count >= Self.most { flush() }
    }

    mutating func flush() {
        Console.printWhole(text)
        text.removeAll(keepingCapacity: true)
    }
}
