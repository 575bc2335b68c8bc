import Foundation
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The control socket of the running service: who may ask, and what it answers.
    struct ControlSocketTests {
        @Test(.timeLimit(.minutes(5)))
        func `the socket serves its owner and group while the service runs, and no longer`() async throws {
            try await withBench { bench in
                let socket = bench.state.appending("control.sock")
                let end = try await bench.withDaemon { _ in
                    #expect(try mode(of: socket) == 0o660)
                    #expect(try await asked(socket, "/healthz").hasSuffix("\r\n\r\nok\n"))
                    #expect(try await asked(socket, "/readyz").hasSuffix("\r\n\r\nready\n"))
                    let stranger = ["Host: outtray", "Origin: http://example.org"]
                    #expect(try await asked(socket, "/metrics", headers: stranger).hasPrefix("HTTP/1.1 403 "))
                    // A client that never ends its request does not keep the service from ending.
                    let hanging = try UnixConnection(socket)
                    hanging.send("POST /healthz HTTP/1.1\r\nHost: outtray\r\nContent-Length: 9\r\n\r\nabc")
                    return hanging
                }

                #expect(end.status == .exited(0))
                #expect(access(socket.string, F_OK) != 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the socket of a killed service is replaced by the next one`() async throws {
            try await withBench { bench in
                let socket = bench.state.appending("control.sock")
                try await bench.withDaemon { daemon in
                    try daemon.send(SIGKILL)
                }
                #expect(access(socket.string, F_OK) == 0)

                try await bench.withDaemon { _ in
                    let answer = try await asked(socket, "/healthz")
                    #expect(answer.hasPrefix("HTTP/1.1 200 "))
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `under systemd the socket is in the runtime directory`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("run")
                try await bench.withDaemon(environment: ["RUNTIME_DIRECTORY": bench.path("run").string]) { _ in
                    let answer = try await asked(bench.path("run/outtray.sock"), "/healthz")
                    #expect(answer.hasPrefix("HTTP/1.1 200 "))
                    // Commands know the state directory alone.
                    let sign = bench.state.appending("control.sock")
                    #expect(
                        try FileManager.default.destinationOfSymbolicLink(atPath: sign.string).hasSuffix(
                            "run/outtray.sock"
                        )
                    )
                }
                #expect(!bench.exists("state/control.sock"))
                // A link that a killed service left keeps no other start from its socket.
                try FileManager.default.createSymbolicLink(
                    atPath: bench.state.appending("control.sock").string,
                    withDestinationPath: bench.path("run/outtray.sock").string
                )
                try await bench.withDaemon { _ in
                    let answer = try await asked(bench.state.appending("control.sock"), "/healthz")
                    #expect(answer.hasPrefix("HTTP/1.1 200 "))
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["check", "run"])
        func `a path that is too long for a socket is a configuration problem`(_ command: String) async throws {
            try await withBench { bench in
                let deep = bench.root.appending(String(repeating: "d", count: 108 - bench.root.length - 13))
                let yaml = bench.yaml([.init()]).replacingOccurrences(of: bench.state.string, with: deep.string)
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")

                let ending = try await bench.run(command)
                #expect(ending.code == 78)
                #expect(ending.error.contains("at most 107"), "\(ending)")
                #expect(ending.error.contains("state_dir"), "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `while a folder does not answer, the service is alive and not ready`() async throws {
            try await withBench([.init(), .init(name: "hung")]) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    let socket = bench.state.appending("control.sock")
                    disk.hang(.all)
                    try await withProcess(
                        bench.runCommand(in: disk),
                        environment: ["HOME": bench.root.string],
                        logFile: bench.path("daemon.log")
                    ) { daemon in
                        try await wait(for: "the socket") {
                            access(socket.string, F_OK) == 0
                        } state: {
                            daemon.log
                        }
                        #expect(try await asked(socket, "/healthz").hasPrefix("HTTP/1.1 200 "))
                        let answer = try await asked(socket, "/readyz")
                        #expect(answer.hasPrefix("HTTP/1.1 503 "))
                        #expect(answer.contains("not looked through yet: ") && answer.contains("hung"))

                        disk.letGo()
                        try await untilSo { try await asked(socket, "/readyz").hasPrefix("HTTP/1.1 200 ") }
                    }
                }
            }
        }

        /// Nothing is under way that would find it out.
        @Test(.timeLimit(.minutes(5)))
        func `while the ledger's disk is full, the idle service is not ready`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("run")
                let socket = bench.path("run/outtray.sock")
                try await withSmallDisk(on: bench.state, size: "8m") { disk in
                    let runtime = bench.path("run").string
                    try await bench.withDaemon(environment: ["RUNTIME_DIRECTORY": runtime], in: disk) { _ in
                        #expect(try await asked(socket, "/readyz").hasPrefix("HTTP/1.1 200 "))
                        try disk.fill()
                        try await untilSo { try await asked(socket, "/readyz").hasPrefix("HTTP/1.1 503 ") }
                        let answer = try await asked(socket, "/readyz")
                        #expect(answer.contains("nothing can be recorded: "), "\(answer)")

                        try disk.free()
                        try await untilSo { try await asked(socket, "/readyz").hasPrefix("HTTP/1.1 200 ") }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a service that had no descriptor left for a connection answers again once it has`() async throws {
            try await withBench { bench in
                let socket = bench.state.appending("control.sock")
                try await bench.withDaemon { daemon in
                    try await limit(daemon, to: 8)
                    let waiting = try UnixConnection(socket)
                    waiting.send("GET /healthz HTTP/1.1\r\nHost: outtray\r\n\r\n")
                    try await limit(daemon, to: 1024)
                    #expect(await waiting.readAnswer().hasPrefix("HTTP/1.1 200 "))
                    try await untilSo {
                        (try? await asked(socket, "/healthz"))?.hasPrefix("HTTP/1.1 200 ") == true
                    }
                    #expect(try mode(of: socket) == 0o660)
                }
            }
        }

        /// Bounds the descriptors that a process may have open. It keeps those that it has.
        private func limit(_ process: RunningProcess, to count: Int) async throws {
            let ending = try await BuiltBinary.run(script: "prlimit --pid \(process.id) --nofile=\(count):")
            #expect(ending.code == 0, "\(ending)")
        }

        private func mode(of path: FilePath) throws -> mode_t {
            var status = stat()
            guard lstat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
            return status.st_mode & 0o777
        }
    }
}
