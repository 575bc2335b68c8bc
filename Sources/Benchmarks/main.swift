// Measures single parts of Outtray: `Benchmarks DIRECTORY COUNT`. It prints a line of JSON for each part, once for
// COUNT items and once for a tenth. The transitions of the ledger are durable and so take longest: the ledger gets a
// tenth of each count.
// `packaging/bench` builds and runs it.
import Glibc
import SystemPackage

guard CommandLine.arguments.count == 3, let most = Int(CommandLine.arguments[2]), most >= 1000 else {
    print("usage: Benchmarks DIRECTORY COUNT, with a count of at least 1000")
    exit(64)
}
let directory = FilePath(CommandLine.arguments[1])
for count in [most / 10, most] {
    // Each round has files of its own.
    let place = directory.appending("\(count)")
    guard mkdir(place.string, 0o700) == 0 else {
        print("\(place) cannot be made")
        exit(74)
    }
    print(try await EventParse.measure(count).json)
    print(try await Settling.measure(count).json)
    print(try await LedgerTransitions.measure(count / 10, in: place).json)
    print(try await ManifestFiles.measureSnapshot(count, in: place).json)
    print(try await ManifestFiles.measureJournal(count, in: place).json)
}
