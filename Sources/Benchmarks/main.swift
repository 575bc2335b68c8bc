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
// The first round warms up: what is done once in a process is no cost of an item.
for (round, count) in [most / 10, most / 10, most].enumerated() {
    // Each round has files of its own.
    let place = directory.appending("\(round)")
    guard mkdir(place.string, 0o700) == 0 else {
        print("\(place) cannot be made")
        exit(74)
    }
    let measurements = [
        try await EventParse.measure(count),
        try await Settling.measure(count),
        try await LedgerTransitions.measure(count / 10, in: place),
        try await ManifestFiles.measureSnapshot(count, in: place),
        try await ManifestFiles.measureJournal(count, in: place),
    ]
    if round > 0 { for measurement in measurements { print(measurement.json) } }
}
