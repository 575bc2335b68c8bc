import Foundation
import Testing

extension EndToEnd {
    /// The daemon's memory does not grow with the size of a file; `packaging/bench` tells how much it is.
    struct MemoryTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a file of 256 MiB takes hardly more memory than one of 8 MiB`(account: String) async throws {
            try await withBench([.init(account: account)]) { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Media.mp4(bytes: 8 << 20, number: 1), to: "inbox/small.mp4")
                    try await bench.waitForEntry("inbox/small.mp4")
                    let small = try peakMemory(of: daemon)

                    try bench.write(Media.mp4(bytes: 256 << 20, number: 2), to: "inbox/large.mp4")
                    try await bench.waitForEntry("inbox/large.mp4")
                    let large = try peakMemory(of: daemon)

                    // Parts of 4 MiB are held, a few at a time; of the file itself it would be sixteen times this.
                    #expect(large - small < 16 << 20)
                }
            }
        }

        /// In bytes, since the process began.
        private func peakMemory(of process: RunningProcess) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
        }
    }
}
