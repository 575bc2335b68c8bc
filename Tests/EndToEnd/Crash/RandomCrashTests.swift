import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `kill -9` at random times through a run of mixed files, in weather that changes.
    ///
    /// `OUTTRAY_KILLS` sets the number of kills (30 by default). `OUTTRAY_TEST_SEED` repeats the changes to the files.
    struct RandomCrashTests {
        @Test(.timeLimit(.minutes(60)))
        func `killed at random times, it loses nothing and records nothing twice`() async throws {
            let kills = getenv("OUTTRAY_KILLS").flatMap { Int(String(cString: $0)) } ?? 30
            let folders: [Bench.Folder] = [
                .init(settle: "100ms"), .init(name: "linkedin", account: "linkedin", settle: "100ms"),
            ]
            try await withBench(folders) { bench in
                var hand = CrashHand(bench: bench, folders: folders.map(\.name))
                let start = ContinuousClock.now

                let looks = try await bench.whileScriptsRead {
                    for number in 1...kills { try await Self.killOnce(number, bench, &hand) }
                    bench.sandbox.weather = Weather()
                    try await bench.withDaemon { _ in try await hand.waitForManifest() }
                }

                try hand.expectAllUploadedOnce()
                try bench.expectJournalLeadsToSnapshot()
                let page = bench.page
                print(
                    """
                    random crashes: seed \(hand.seed), \(kills) kills in \(start.duration(to: .now)), \
                    \(hand.written) files written, \(hand.files.count) left, \
                    \(page.assets.count(where: \.isComplete)) assets with bytes, \
                    \(page.assets.count { !$0.isComplete }) without, \(page.puts.count) PUTs, \
                    the manifest read \(looks) times
                    """
                )
            }
        }

        /// Starts the daemon, gives it work, and kills it at any moment: before it is ready, while it sends, while it
        /// rests.
        private static func killOnce(_ number: Int, _ bench: Bench, _ hand: inout CrashHand) async throws {
            bench.sandbox.weather = hand.weather()
            let life = Duration.milliseconds(Int64.random(in: 20...1200, using: &hand.random))
            let end = try await withProcess(
                bench.runCommand(),
                environment: ["HOME": bench.root.string],
                logFile: bench.path("daemon.log")
            ) { daemon in
                let deadline = ContinuousClock.now.advanced(by: life)
                while ContinuousClock.now < deadline {
                    try hand.act()
                    try await Task.sleep(for: .milliseconds(Int64.random(in: 1...60, using: &hand.random)))
                }
                try daemon.send(SIGKILL)
            }
            #expect(end.status == .signaled(9), "kill \(number): it ended by itself: \(end.log.suffix(2000))")
            bench.expectReadable("after kill \(number), seed \(hand.seed)")
        }
    }
}
