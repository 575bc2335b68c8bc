import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// Signals right after the start, before the service listens for them.
    struct EarlySignalTests {
        private static let reloaded = "configuration read again"

        /// Whether a process catches a signal, by its mask in proc(5). It ignores the others, or they end it.
        private func catches(_ signal: Int32, _ process: RunningProcess) -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
                let mask = UInt64(line.dropFirst("SigCgt:".count).drop(while: \.isWhitespace), radix: 16)
            else { return false }
            return mask & (1 << UInt64(signal - 1)) != 0
        }

        private func run(
            _ bench: Bench,
            _ prefix: [String] = [],
            in disk: HangingDisk? = nil,
            _ body: (RunningProcess) async throws -> Void
        ) async throws -> ProcessEnd<Void> {
            try await withProcess(prefix + bench.runCommand(in: disk), logFile: bench.path("daemon.log"), body)
        }

        /// The check of the configuration waits for a folder that hangs, so the process is surely not ready.
        @Test(.timeLimit(.minutes(5)))
        func `a SIGHUP while the configuration is checked leads to one reload once all is ready`() async throws {
            try await withBench { bench in
                try await withHangingDisk(on: bench.path("inbox")) { disk in
                    disk.hang(.all)

                    let end = try await run(bench, in: disk) { daemon in
                        try await wait(for: "a process that catches SIGHUP") { catches(SIGHUP, daemon) }
                        #expect(!bench.exists("state"), "it listens from its first instruction on")
                        for _ in 0..<3 { try daemon.send(SIGHUP) }
                        disk.letGo()

                        try await daemon.waitForLog(Self.reloaded)
                        try await daemon.waitForLog(" watching", times: 2)
                    }

                    #expect(end.status == .exited(0), "\(end.log)")
                    let lines = end.log.split(separator: "\n")
                    #expect(lines.count { $0.contains(Self.reloaded) } == 1, "\(end.log)")
                    let ready = lines.firstIndex { $0.contains(" watching") } ?? .max
                    #expect(lines.firstIndex { $0.contains(Self.reloaded) } ?? 0 > ready, "\(end.log)")
                }
            }
        }

        /// The signal is held back by the caller, and so waits for the process from its first instruction on.
        @Test(.timeLimit(.minutes(5)))
        func `a SIGHUP that the start brings along is not lost`() async throws {
            try await withBench { bench in
                let end = try await run(bench, ["env", "--block-signal=HUP"]) { daemon in
                    try await wait(for: "a process that blocks SIGHUP") {
                        (try? String(contentsOfFile: "/proc/\(daemon.id)/comm", encoding: .utf8)) == "outtray\n"
                    }
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog(Self.reloaded)
                }

                #expect(end.status == .exited(0), "\(end.log)")
            }
        }

        /// Once the state directory is there, nothing is left half done.
        @Test(
            .timeLimit(.minutes(5)),
            arguments: [("run", SIGTERM, 0), ("run", SIGINT, 0), ("sync", SIGTERM, 75), ("sync", SIGINT, 75)]
        )
        func `an end that is asked for while the ledger is made is a clean one`(
            command: String,
            signal: Int32,
            code: Int32
        ) async throws {
            for round in 0..<5 {
                try await withBench { bench in
                    let end = try await withProcess(
                        BuiltBinary.command([command, "--config", bench.configuration.string]),
                        logFile: bench.path("daemon.log")
                    ) { process in
                        while !bench.exists("state") { await Task.yield() }
                        try process.send(signal)
                        await process.waitForEnd()
                    }

                    #expect(end.status == .exited(code), "round \(round): \(end.status) \(end.log)")
                    #expect(bench.exists("state/outtray.db") && !bench.exists("state/outtray.db-wal"), "round \(round)")
                }
            }
        }
    }
}
