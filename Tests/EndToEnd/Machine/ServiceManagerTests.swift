import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What the daemon tells systemd through `$NOTIFY_SOCKET`.
    struct ServiceManagerTests {
        @Test(.timeLimit(.minutes(5)))
        func `the status says what waits and for what, what goes up, and nothing of it when all is done`() async throws
        {
            try await withBench([.init(), .init(name: "reels", account: "linkedin")]) { bench in
                try bench.writeKey("wrong", of: "main")
                let socket = try NotifySocket(bench.path("notify"))
                try await withProcess(
                    BuiltBinary.command(["run", "--config", bench.configuration.string]),
                    environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try await socket.waitForStatus("watching inbox, reels")
                    for number in 0..<3 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                    try await socket.waitForStatus("watching inbox, reels; 3 wait (main: its key was refused)")
                    bench.sandbox.weather.latency = .seconds(60)
                    try bench.write(Media.jpeg(9), to: "reels/a.jpg")
                    try await socket.waitForStatus(
                        "watching inbox, reels; 3 wait (main: its key was refused); 1 uploading"
                    )

                    bench.sandbox.weather.latency = .zero
                    try bench.writeKey("pb_live_sandbox", of: "main")
                    try daemon.send(SIGHUP)
                    for number in 0..<3 { try await bench.waitForEntry("inbox/\(number).jpg") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `READY comes once the folders are watched, RELOADING and READY with SIGHUP, STOPPING with SIGTERM`()
            async throws
        {
            try await withBench { bench in
                let socket = try NotifySocket(bench.path("notify"))
                try await withProcess(
                    BuiltBinary.command(["run", "--config", bench.configuration.string]),
                    environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    #expect(try await socket.next().contains("READY=1"))
                    // Watched by now: a file that is moved in is seen, and no scan will come to find it.
                    try bench.write(Media.jpeg(), to: "a.jpg")
                    try bench.move("a.jpg", to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try daemon.send(SIGHUP)
                    let reloading = try await socket.next()
                    #expect(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="))
                    #expect(try await socket.next().contains("READY=1"))

                    try daemon.send(SIGTERM)
                    let stopping = try await socket.next()
                    #expect(stopping.contains("STOPPING=1"))
                    // One second for uploads, and twenty for the rest.
                    #expect(stopping.contains("\nEXTEND_TIMEOUT_USEC=21000000"), "\(stopping)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a service manager that reads nothing holds up neither uploads nor the end`() async throws {
            try await withBench { bench in
                let socket = try NotifySocket(bench.path("notify"))
                try socket.fill()
                try await withProcess(
                    BuiltBinary.command(["run", "--config", bench.configuration.string]),
                    environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try daemon.send(SIGTERM)
                    await daemon.waitForEnd()
                    #expect(!daemon.isRunning)
                }
                #expect(try await socket.next() == "full")
            }
        }
    }
}
