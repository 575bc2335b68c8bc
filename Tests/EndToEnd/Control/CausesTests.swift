import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Each cause that a file can wait for, provoked, and seen in the list of files, in the status, in `why` and in the
    /// metrics.
    struct CausesTests {
        /// How a cause is brought about, with the file that waits for it.
        enum Weather: String, CaseIterable {
            case settling
            case heldOpen = "held-open"
            case slot
            case pace
            case retry
            case keyRefused = "key-refused"
            case quota
            case rateLimit = "rate-limit"
            case unreachable
            case uploadHost = "upload-host"
            case sameBytes = "same-bytes"
            case paused

            /// The configuration in which it comes.
            func configuration(_ bench: Bench) throws -> String {
                var folder = Bench.Folder()
                var lines: [String] = []
                var addresses = (bench.addresses.postbreeze, bench.addresses.connectSafely)
                switch self {
                case .settling: folder.settle = "1h"
                case .slot: lines = ["concurrency: 1"]
                case .uploadHost: lines = ["upload_hosts: [storage.example]"]
                // Nobody listens there.
                case .unreachable: addresses.0 = "http://127.0.0.1:1/api/v1"
                case .heldOpen, .pace, .retry, .keyRefused, .quota, .rateLimit, .sameBytes, .paused: break
                }
                let yaml = bench.yaml(
                    [folder],
                    accounts: [.init(name: "main", provider: "postbreeze", lines: lines)],
                    addresses: addresses
                )
                return self == .pace ? yaml.replacing("rate: [10000/1s]", with: "rate: [1/1h]") : yaml
            }

            /// Makes the files. Returns the one that waits.
            func begin(_ bench: Bench) throws -> FilePath {
                switch self {
                case .keyRefused: try bench.writeKey("wrong", of: "main")
                case .rateLimit: bench.sandbox.weather.tooManyRequestsAfter = 0
                case .retry: bench.sandbox.weather.failEveryNthPut = 1
                case .slot, .sameBytes: bench.sandbox.weather.latency = .seconds(30)
                case .settling, .heldOpen, .pace, .quota, .unreachable, .uploadHost, .paused: break
                }
                switch self {
                case .slot:
                    try bench.write(Media.jpeg(1), to: "inbox/first.jpg")
                    return try bench.write(Media.pdf(), to: "inbox/second.pdf")
                case .sameBytes:
                    try bench.write(Media.jpeg(1), to: "inbox/first.jpg")
                    return try bench.write(Media.jpeg(1), to: "inbox/second.jpg")
                case .pace:
                    try bench.write(Media.jpeg(1), to: "inbox/first.jpg")
                    return try bench.write(Media.pdf(), to: "inbox/second.pdf")
                default: return try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Weather.allCases)
        func `a file that waits says for what, in the list, the status, why and the metrics`(weather: Weather)
            async throws
        {
            try await withBench(sandbox: { if weather == .quota { $0.quota = 10 } }) { bench in
                try bench.write(Array(weather.configuration(bench).utf8), to: "outtray.yaml")
                if weather != .paused { _ = try weather.begin(bench) }
                // For as long as the test runs, another process has the file open.
                let writer =
                    weather == .heldOpen
                    ? try FileHandle(forUpdating: .init(filePath: "\(bench.path("inbox/a.jpg"))")) : nil
                try await bench.withDaemon { _ in
                    if weather == .paused {
                        #expect(try await bench.run("pause", "--folder", "inbox").code == 0)
                        _ = try weather.begin(bench)
                    }
                    try await expect(weather.rawValue, bench, at: bench.socket)
                }
                try writer?.close()
            }
        }

        /// Which of two files waits is not said: either may come first.
        private func expect(_ cause: String, _ bench: Bench, at socket: FilePath) async throws {
            try await bench.waitForStatus("a file that waits for \(cause)", at: socket) { status in
                status["waiting"]?.items.contains { $0["cause"]?.string == cause } == true
            }
            // A file that is listed may have its turn before it is asked for. Then the other one waits.
            try await untilSo {
                let list = try await bench.ask("/api/v1/files?cause=\(cause)", at: socket)
                #expect(try controlSchema("files").problems(in: list) == [])
                guard let file = list["files"]?.items.first, let path = file["path"]?.string else { return false }
                #expect(file["cause"]?.string == cause)
                let query = path.replacing("/", with: "%2F")
                let why = try await bench.ask("/api/v1/files/why?path=\(query)", at: socket)
                #expect(try controlSchema("why").problems(in: why) == [])
                return why["cause"]?.string == cause
            }
            let status = try await bench.ask("/api/v1/status", at: socket)
            #expect(try controlSchema("status").problems(in: status) == [])
            // It may have had its turn meanwhile, and wait again.
            try await untilSo {
                let metrics = try await asked(socket, "/metrics")
                return metrics.contains("outtray_waiting_files{cause=\"\(cause)\",account=")
                    && metrics.contains("outtray_oldest_waiting_seconds{cause=\"\(cause)\",account=")
            }
            try await untilSo {
                let text = try await bench.run("status")
                return text.code == 0 && text.output.contains("WAITING")
            }
        }

        /// Half a minute passes until a call counts as hung.
        @Test(.timeLimit(.minutes(3)))
        func `a file on a file system that hangs says so`() async throws {
            try await withBench { bench in
                try await withHangingDisk(on: bench.path("inbox")) { disk in
                    disk.add("v.mp4", Media.mp4(bytes: 600_000, number: 1))
                    disk.hang(.reads(from: 256 << 10))
                    try await bench.withDaemon(in: disk) { _ in
                        try await expect("file-system", bench, at: bench.socket)
                        disk.letGo()
                        try await bench.waitForEntry("inbox/v.mp4")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `while nothing can be recorded, queued files wait for that, and the status says since when`() async throws
        {
            try await withBench { bench in
                try bench.makeDirectory("run")
                let socket = bench.path("run/outtray.sock")
                try bench.writeKey("wrong", of: "main")
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                try await withSmallDisk(on: bench.state, size: "8m") { disk in
                    let runtime = bench.path("run").string
                    try await bench.withDaemon(environment: ["RUNTIME_DIRECTORY": runtime], in: disk) { _ in
                        try await bench.waitForStatus("the blocked account", at: socket) {
                            $0["problems"]?.items.first?["code"]?.string == "account-blocked"
                        }
                        try disk.fill()
                        try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                        let status = try await bench.waitForStatus("closed records", at: socket) {
                            $0["waiting"]?.items.first?["cause"]?.string == "records-closed"
                        }
                        #expect(status["state"]?.string == "blocked")
                        #expect(status["problems"]?.items.first?["code"]?.string == "records-closed")
                        #expect(status["problems"]?.items.first?["since"] != nil)
                        #expect(try controlSchema("status").problems(in: status) == [])
                        try disk.free()
                    }
                }
            }
        }
    }
}
