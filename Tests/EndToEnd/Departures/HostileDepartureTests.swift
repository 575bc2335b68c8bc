import Foundation
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The daemon stopped at every point of a departure, for others to do their worst meanwhile.
    ///
    /// `OUTTRAY_ROUNDS` says how many files depart; a seed repeats what was done to them.
    struct HostileDepartureTests {
        private static let rounds = ProcessInfo.processInfo.environment["OUTTRAY_ROUNDS"].flatMap(Int.init) ?? 24
        private static let roundsOfOneDaemon = 12
        private static let points = [
            "departure-looked", "set-aside", "departure-cleared", "put-back", "aim-recorded", "copied", "moved",
            "departed",
            "departure-recorded",
        ]

        @Test(.timeLimit(.minutes(60))) func `whatever others do to departing files, nothing is lost`() async throws {
            var random = SeededGenerator()
            var tally: [HostileHand.Deed: Int] = [:]
            var stops = 0
            for begin in stride(from: 0, to: Self.rounds, by: Self.roundsOfOneDaemon) {
                let count = min(Self.roundsOfOneDaemon, Self.rounds - begin)
                let kind = ["delete", "move", "copy"][begin / Self.roundsOfOneDaemon % 3]
                let other = try OtherDisk()
                try await withBench { bench in
                    try bench.makeDirectory("done")
                    try bench.makeDirectory("archive")
                    let done = kind == "copy" ? other.path : bench.path("done")
                    let after = kind == "delete" ? "delete" : "{move: \(done)}"
                    let folder = Bench.Folder(settle: "50ms", lines: ["after_upload: \(after)"])
                    try bench.configure([folder])
                    var hand = HostileHand(bench: bench, done: done, random: random)
                    stops += try await Self.run(count, bench, &hand)
                    random = hand.random
                    for (deed, number) in hand.deeds { tally[deed, default: 0] += number }
                    // A start without anybody beside it clears up, and loses nothing either.
                    try await bench.withDaemon { _ in
                        try bench.write(Media.pdf(-1), to: "inbox/last.pdf")
                        try await bench.waitUntilGone("inbox/last.pdf")
                    }

                    #expect(
                        try hand.lost() == [],
                        "lost with seed \(hand.random.seed), rounds from \(begin), \(kind)"
                    )
                }
            }
            let told = tally.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
            print("hostile departures: \(Self.rounds) files, \(stops) stops; \(told.joined(separator: ", "))")
        }

        /// Returns how often the daemon stopped.
        private static func run(_ count: Int, _ bench: Bench, _ hand: inout HostileHand) async throws -> Int {
            var stops = 0
            var own = hand
            defer { try? own.letGo() }
            try await bench.withDaemon(environment: ["OUTTRAY_STOP_AT": points.joined(separator: ",")]) { daemon in
                for _ in 0..<count {
                    let name = try own.produce()
                    let digest = Media.sha256(try bench.read(bench.path(name)))
                    let end = ContinuousClock.now.advanced(by: .seconds(3))
                    var rest: ContinuousClock.Instant?
                    // Until it has gone up and been at rest for a moment, or others keep it.
                    while ContinuousClock.now < end, rest.map({ ContinuousClock.now < $0 }) ?? true {
                        if daemon.isStopped {
                            stops += 1
                            try own.act(on: name)
                            try daemon.send(SIGCONT)
                            rest = nil
                        } else if rest == nil, bench.stored.contains(digest), !bench.exists(name) {
                            rest = .now.advanced(by: .milliseconds(100))
                        }
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    try own.letGo()
                    if daemon.isStopped { try daemon.send(SIGCONT) }
                }
                // It has no time to end, wherever it is.
                try daemon.send(SIGKILL)
            }
            hand = own
            return stops
        }
    }
}
