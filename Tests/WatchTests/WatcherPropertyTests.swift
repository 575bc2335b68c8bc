import SystemPackage
import TestSupport
import Testing

@testable import Watch

/// Whatever is done to a tree, the files known from the events are in the end those on disk.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct WatcherPropertyTests {
    struct Trial: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var way: String
        var options: WatchOptions

        var testDescription: String { "seed \(seed), \(way)" }
    }

    /// Some seeds that are always the same, and a new one each time; its number is in the test's name.
    static let trials: [Trial] = [1, 2, .random(in: 3...999_999), .random(in: 3...999_999)].flatMap { seed in
        [
            Trial(seed: seed, way: "watching", options: WatchOptions()),
            Trial(seed: seed, way: "overflowing", options: WatchOptions(rawQueueBound: 2)),
            Trial(seed: seed, way: "polling", options: WatchOptions(mode: .poll, pollInterval: .milliseconds(5))),
            Trial(
                seed: seed,
                way: "watching some",
                options: WatchOptions(pollInterval: .milliseconds(5), maximumWatches: 4)
            ),
            Trial(seed: seed, way: "rescanning", options: WatchOptions(rescanInterval: .milliseconds(20))),
        ]
    }

    @Test(arguments: trials)
    func `the files known from the events are those on disk`(trial: Trial) async throws {
        let folder = try TemporaryFolder()
        let outside = try TemporaryFolder()
        var hand = RandomHand(inside: folder.path, outside: outside.path, seed: trial.seed)
        for _ in 0..<100 { hand.act() }
        let watched = folder.watched()
        try await WatchSession.run(watched, trial.options, waitUntilReady: false) { [hand] session in
            var hand = hand
            for _ in 0..<600 { hand.act() }
            let last = folder.path.appending("last.mp4")
            try Disk.write(to: last)
            let onDisk = try Disk.files(beneath: folder.path)

            try await session.untilKnown(onDisk, trial.testDescription)

            // And each directory that is left is still heard of.
            let probes = try Disk.directories(beneath: folder.path).map { $0.appending("probe.mp4") }
            for probe in probes { try Disk.write(to: probe) }
            try await session.untilKnown(onDisk.union(probes), "with probes, \(trial.testDescription)")
        }
    }
}

/// Does random things to a tree; those that cannot be done are left out.
struct RandomHand: Sendable {
    private let inside: FilePath
    private let outside: FilePath
    private var random: SeededGenerator
    private var counter = 0

    init(inside: FilePath, outside: FilePath, seed: UInt64) {
        self.inside = inside
        self.outside = outside
        random = SeededGenerator(seed: seed)
    }

    mutating func act() {
        let place = directory()
        let name = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
        let target = place.appending(name)
        let other = directory().appending(["a", "b", "c", "d"].randomElement(using: &random) ?? "b")
        counter += 1
        switch Int.random(in: 0..<14, using: &random) {
        case 0...2: try? Disk.write("\(counter)", to: place.appending("\(name).mp4"))
        case 3, 4: try? Disk.makeDirectory(target)
        case 5: try? Disk.makeDirectories(target.appending("e/f"))
        case 6: try? Disk.write("\(counter)", to: target.appending("e/f/\(name).mp4"))
        case 7: try? Disk.remove(place.appending("\(name).mp4"))
        case 8: try? Disk.rename(place.appending("\(name).mp4"), to: other)
        case 9, 10: try? Disk.rename(target, to: other)
        case 11: try? Disk.rename(target, to: outside.appending("\(counter % 5)"))
        case 12: try? Disk.rename(outside.appending("\(counter % 5)"), to: target)
        default:
            if Bool.random(using: &random) { try? Disk.removeAll(target) } else { try? Disk.link(target, to: inside) }
        }
    }

    /// The folder, or some directory up to four levels below it.
    private mutating func directory() -> FilePath {
        var path = inside
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let next = path.appending(["a", "b", "c", "d"].randomElement(using: &random) ?? "a")
            guard (try? FileStatus.of(next).kind) == .directory else { break }
            path = next
        }
        return path
    }
}
