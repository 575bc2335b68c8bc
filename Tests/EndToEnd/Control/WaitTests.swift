import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray wait`, as scripts use it after a copy.
    struct WaitTests {
        @Test(.timeLimit(.minutes(5)))
        func `a file that was just copied is up when wait returns, and ready if that is wanted`() async throws {
            try await withBench { bench in
                bench.sandbox.weather.normaliseImagesFor = .seconds(1)
                try await bench.withDaemon { _ in
                    let first = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                    let up = try await bench.run("wait", first)
                    #expect(up.code == 0 && up.error.isEmpty, "\(up)")
                    #expect(bench.page.assets.count == 1)

                    let second = try bench.write(Media.jpeg(2), to: "inbox/b.jpg").string
                    let ready = try await bench.run("wait", second, first, "--for", "ready", "--timeout", "50s")
                    #expect(ready.code == 0, "\(ready)")
                    // The snapshot shows it by now, whatever its interval.
                    let manifest = try #require(try bench.manifest())
                    #expect(manifest.entries.count == 2)
                    #expect(manifest.entries.values.allSatisfy { $0.status == "ready" }, "\(manifest.entries)")

                    // Changed bytes are not what is up.
                    try bench.write(Media.jpeg(3), to: "inbox/a.jpg")
                    #expect(try await bench.run("wait", first).code == 0)
                    let digest = try await bench.run("manifest", "get", first, "--field", "sha256")
                    #expect(digest.output == "\(Media.sha256(Media.jpeg(3)))\n")
                    #expect(bench.stored.contains(Media.sha256(Media.jpeg(3))))
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `of a directory all files are waited for, and one that is rejected is told`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("inbox/set")
                try await bench.withDaemon { _ in
                    for number in 0..<5 { try bench.write(Media.jpeg(number), to: "inbox/set/\(number).jpg") }
                    try bench.write(Media.jpeg(9), to: "inbox/set/.hidden.jpg")
                    let all = try await bench.run("wait", bench.path("inbox/set").string)
                    #expect(all.code == 0, "\(all)")
                    #expect(bench.page.assets.count == 5)

                    let notes = try bench.write(Array("notes\n".utf8), to: "inbox/set/notes.txt").string
                    let rejected = try await bench.run("wait", bench.path("inbox").string, "--json")
                    #expect(rejected.code == 65, "\(rejected)")
                    #expect(rejected.output.contains(#""there":5,"failed":{"files":1,"first":[{"path":"\#(notes)""#))
                    try bench.makeDirectory("other")
                    let other = try await bench.run("wait", bench.path("other").string)
                    #expect(other.code == 65, "a directory that no folder takes: \(other)")
                    let outside = try await bench.run("wait", bench.path("elsewhere.jpg").string)
                    #expect(outside.code == 65 && outside.error.contains("in no watched folder"), "\(outside)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `when the time is over, the exit code says so`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                let path = bench.path("inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    #expect(try await bench.run("pause").code == 0)
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    let ending = try await bench.run("wait", path, "--timeout", "1s")
                    #expect(ending.code == 75 && ending.error.contains(path), "\(ending)")

                    async let waiting = bench.run("wait", path, "--timeout", "50s")
                    #expect(try await bench.run("resume").code == 0)
                    #expect(try await waiting.code == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `without a service the ledger answers where all are up`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                let before = try await bench.run("wait", path)
                #expect(before.code == 69 && before.error.contains("no service runs"), "\(before)")
                try await bench.sync()

                #expect(try await bench.run("wait", path).code == 0)
                #expect(try await bench.run("wait", bench.path("inbox").string).code == 0)
                let late = try bench.write(Media.jpeg(2), to: "inbox/b.jpg").string
                #expect(try await bench.run("wait", bench.path("inbox").string).code == 69)
                #expect(try await bench.run("wait", late).code == 69)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that leaves after its upload was up`() async throws {
            try await withBench([.init(settle: "100ms", lines: ["after_upload: delete"])]) { bench in
                try await bench.withDaemon { _ in
                    let path = try bench.write(Media.pdf(), to: "inbox/a.pdf").string
                    #expect(try await bench.run("wait", path).code == 0)
                    try await bench.waitUntilGone("inbox/a.pdf")
                    #expect(try await bench.run("wait", path).code == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a wait ends soon when the service ends`() async throws {
            try await withBench { bench in
                let path = bench.path("inbox/none.jpg").string
                let waiting = try await bench.withDaemon { daemon in
                    let socket = bench.state.appending("control.sock")
                    let body = #"{"paths":["\#(path)"]}"#
                    let connection = try UnixConnection(socket)
                    connection.send("POST /api/v1/wait HTTP/1.1\r\nHost: outtray\r\n")
                    connection.send("Content-Length: \(body.utf8.count)\r\n\r\n" + body)
                    return connection
                }
                #expect(waiting.status == .exited(0))
                #expect(waiting.took < .seconds(15))
            }
        }
    }
}
