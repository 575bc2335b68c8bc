import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Files that are put into a folder over HTTP, and files that are looked at over it.
    struct DropTests {
        private static let place = "/api/v1/folders/inbox/files"

        /// Runs the service over one folder that takes drops. A file that was renamed into place is sent at once.
        private static func withService(
            _ lines: [String] = ["accept_drops: true"],
            _ body: @Sendable (Bench, RunningProcess) async throws -> Void
        ) async throws {
            try await withBench([.init(settle: "100ms", lines: lines)]) { bench in
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog(" watching")
                    try await body(bench, daemon)
                }
            }
        }

        /// Sends a head, then bytes. Returns the whole answer.
        private static func put(
            _ bench: Bench,
            _ query: String,
            _ bytes: [UInt8],
            at place: String = place,
            length: Int? = nil,
            headers: [String] = []
        ) async throws -> String {
            let connection = try UnixConnection(bench.socket)
            let fields = ["Host: outtray", "Content-Length: \(length ?? bytes.count)"] + headers
            connection.send("PUT \(place)?\(query) HTTP/1.1\r\n\(fields.map { "\($0)\r\n" }.joined())\r\n")
            connection.send(bytes)
            return await connection.readAnswer()
        }

        /// A file's content as the service gives it.
        private static func look(
            _ bench: Bench,
            _ name: String,
            _ more: String = "",
            what: String = "content",
            headers: [String] = []
        ) async throws -> (head: String, body: String) {
            let path = bench.path(name).string.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let connection = try UnixConnection(bench.socket)
            let fields = (["Host: outtray", "Connection: close"] + headers).map { "\($0)\r\n" }.joined()
            connection.send("GET /api/v1/files/\(what)?path=\(path)\(more) HTTP/1.1\r\n\(fields)\r\n")
            let answer = await connection.readToEnd()
            let end = try #require(answer.range(of: "\r\n\r\n"), "\(answer)")
            return (answer[..<end.lowerBound].lowercased(), String(answer[end.upperBound...]))
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is put goes up whole, and a taken name gives a free one`() async throws {
            try await Self.withService { bench, _ in
                let content = Media.pdf() + (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                let answer = try await Self.put(bench, "name=a%20b.pdf&relative=2026/May", content)
                #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
                let body = try #require(answer.range(of: "\r\n\r\n")).upperBound
                let json = try JSONTree(parsing: Array(answer[body...].utf8))
                #expect(try controlSchema("drop").problems(in: json).isEmpty)
                #expect(json["path"]?.string == bench.path("inbox/2026/May/a b.pdf").string)
                try await bench.waitForEntry("inbox/2026/May/a b.pdf")
                try bench.expectUploadedOnce("inbox/2026/May/a b.pdf", content, kind: "DOCUMENT")

                let again = try await Self.put(bench, "name=a%20b.pdf&relative=2026/May", Media.pdf())
                #expect(again.hasPrefix("HTTP/1.1 409 ") && again.contains("\"suggestion\":\"a b-1.pdf\""), "\(again)")
                let asked = try await bench.act(Self.place, #"{"name": "a b.pdf", "relative": "2026/May", "bytes": 5}"#)
                #expect(asked["error"]?["code"]?.string == "taken")
                #expect(try controlSchema("error").problems(in: asked).isEmpty)
                let free = try await bench.act(Self.place, #"{"name": "c.pdf", "bytes": 5}"#)
                #expect(try controlSchema("dropCheck").problems(in: free).isEmpty)
                #expect(try bench.files(beneath: "inbox").count == 3)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what can be refused is refused before the first byte`() async throws {
            try await Self.withService([
                "accept_drops: true", "ignore: [\"*.draft.*\"]",
                "limits: {image: 1kB, video: 1kB, gif: 1kB, document: 1kB}",
            ]) { bench, _ in
                for (query, status) in [
                    ("name=.hidden.jpg", 400), ("name=a.draft.jpg", 400), ("name=a.part", 400), ("name=..", 400),
                    ("name=a%2Fb.jpg", 400), ("name=a.jpg&relative=..%2Fout", 400), ("name=", 400), ("relative=x", 400),
                    ("name=a.jpg&relative=.git", 400), ("name=%FF.jpg", 400), ("name=a.jpg&more=1", 400),
                    ("name=large.jpg", 413),
                ] {
                    // None of the bytes are sent: the answer does not wait for them.
                    let answer = try await Self.put(bench, query, [], length: 1001)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(query): \(answer)")
                }
                let chunked = try UnixConnection(bench.socket)
                chunked.send(
                    "PUT \(Self.place)?name=a.jpg HTTP/1.1\r\nHost: outtray\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                #expect(await chunked.readAnswer().hasPrefix("HTTP/1.1 411 "))
                let unknown = try await Self.put(bench, "name=a.jpg", [1], at: "/api/v1/folders/none/files")
                #expect(unknown.hasPrefix("HTTP/1.1 404 ") && unknown.contains("there is: inbox"), "\(unknown)")
                #expect(try bench.files(beneath: "inbox").isEmpty)

                try bench.configure([.init(settle: "100ms")])
                #expect(try await bench.run("reload").code == 0)
                let closed = try await Self.put(bench, "name=a.jpg", [1])
                #expect(closed.hasPrefix("HTTP/1.1 403 ") && closed.contains("accept_drops"), "\(closed)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a connection serves one file after the other, and then all else`() async throws {
            try await Self.withService { bench, _ in
                let content = Media.pdf() + [UInt8](repeating: 7, count: 700_000)
                try bench.write(content, to: "inbox/a.pdf")
                try await bench.waitForEntry("inbox/a.pdf")
                let path = bench.path("inbox/a.pdf").string
                let connection = try UnixConnection(bench.socket)
                for turn in 0..<40 {
                    // The next request is there before the last bytes of the answer, or after them.
                    connection.send("GET /api/v1/files/content?path=\(path) HTTP/1.1\r\nHost: outtray\r\n\r\n")
                    if turn % 2 == 0 { connection.send("GET /healthz HTTP/1.1\r\nHost: outtray\r\n\r\n") }
                    let answer = await connection.readAnswer()
                    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.utf8.count > content.count, "\(turn)")
                    if turn % 2 == 1 { connection.send("GET /healthz HTTP/1.1\r\nHost: outtray\r\n\r\n") }
                    if answer.hasSuffix("ok\n") { continue }
                    #expect(await connection.read(until: "ok\n").hasSuffix("ok\n"), "\(turn)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a connection that breaks in the middle leaves nothing`() async throws {
            try await Self.withService { bench, _ in
                var connection: UnixConnection? = try UnixConnection(bench.socket)
                connection?.send(
                    "PUT \(Self.place)?name=a.jpg&relative=sub HTTP/1.1\r\nHost: outtray\r\nContent-Length: 2000000\r\n\r\n"
                )
                connection?.send([UInt8](repeating: 1, count: 500_000))
                try await wait(for: "the file has begun") { try bench.files(beneath: "inbox").count == 1 }
                connection = nil
                try await wait(for: "nothing is left") { try bench.files(beneath: "inbox").isEmpty }
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: bench.state.appending("drops").string).isEmpty
                )
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: CrashSide.drop)
        func `a drop that is killed is there whole or not at all after a restart`(point: String) async throws {
            try await withBench([.init(settle: "100ms", lines: ["accept_drops: true"])]) { bench in
                try await bench.crashDaemon(at: point) { daemon in
                    try await daemon.waitForLog(" watching")
                    _ = try await Self.put(bench, "name=a.pdf", Media.pdf())
                }
                let left = try bench.files(beneath: "inbox")
                #expect(left.count == 1 && (left == ["a.pdf"]) == (point == "drop-renamed"), "\(left)")
                try await bench.withDaemon { _ in
                    if point == "drop-renamed" {
                        try await bench.waitForEntry("inbox/a.pdf")
                        try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                    } else {
                        try await wait(for: "nothing is left") { try bench.files(beneath: "inbox").isEmpty }
                    }
                    let records = bench.state.appending("drops").string
                    try await wait(for: "no record") {
                        try FileManager.default.contentsOfDirectory(atPath: records).isEmpty
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file is shown in the version that is known, in whole and in part, and no other is`() async throws {
            try await Self.withService { bench, _ in
                let content = Array("%PDF-1.4\n%words\n%%EOF\n".utf8)
                try bench.write(content, to: "inbox/a.pdf")
                try bench.write(Media.jpeg(), to: "inbox/b.jpg")
                try bench.write(Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), to: "inbox/no.svg")
                try bench.write(content, to: "outside.pdf")
                for name in ["inbox/a.pdf", "inbox/b.jpg"] { try await bench.waitForEntry(name) }
                try await bench.waitForRejection("inbox/no.svg")
                let files = try await bench.ask("/api/v1/files?kind=DOCUMENT")["files"]?.items ?? []
                #expect(files.count == 1)
                let version = try #require(files.first?["version"]?.string)

                let all = try await Self.look(bench, "inbox/a.pdf", "&v=\(version)")
                #expect(all.head.hasPrefix("http/1.1 200 ") && all.body == String(decoding: content, as: UTF8.self))
                for field in [
                    "content-type: application/pdf", "x-content-type-options: nosniff", "accept-ranges: bytes",
                    "content-security-policy: sandbox; default-src 'none'", "cross-origin-resource-policy: same-origin",
                    "content-disposition: inline; filename*=utf-8''a.pdf", "content-length: \(content.count)",
                    "immutable",
                ] {
                    #expect(all.head.contains(field), "\(field): \(all.head)")
                }
                let part = try await Self.look(bench, "inbox/a.pdf", headers: ["Range: bytes=1-3"])
                #expect(part.head.hasPrefix("http/1.1 206 ") && part.body == "PDF", "\(part)")
                #expect(
                    part.head.contains("content-range: bytes 1-3/\(content.count)")
                        && part.head.contains("cache-control: no-store")
                )
                let beyond = try await Self.look(bench, "inbox/a.pdf", headers: ["Range: bytes=999-"])
                #expect(beyond.head.hasPrefix("http/1.1 416 "), "\(beyond)")
                let other = ["Range: bytes=1-3", "If-Range: \"other\""]
                #expect(try await Self.look(bench, "inbox/a.pdf", headers: other).head.hasPrefix("http/1.1 200 "))

                for name in [
                    "inbox/no.svg", "inbox/none.pdf", "outside.pdf", "inbox/../outside.pdf", "inbox", "outtray.yaml",
                ] {
                    let answer = try await Self.look(bench, name)
                    #expect(answer.head.hasPrefix("http/1.1 404 "), "\(name): \(answer)")
                    let small = try await Self.look(bench, name, what: "thumbnail")
                    #expect(small.head.hasPrefix("http/1.1 204 "), "\(name): \(small)")
                }
                #expect(try await Self.look(bench, "inbox/a.pdf", "&v=1-1").head.hasPrefix("http/1.1 404 "))
                #expect(try await Self.look(bench, "inbox/a.pdf", what: "thumbnail").head.hasPrefix("http/1.1 204 "))
                let thumbnail = try await Self.look(bench, "inbox/b.jpg", what: "thumbnail")
                #expect(
                    thumbnail.head.hasPrefix("http/1.1 200 ") && thumbnail.head.contains("image/jpeg"),
                    "\(thumbnail)"
                )

                // A link in its place is not followed, and a change is another version.
                try bench.remove("inbox/b.jpg")
                try FileManager.default.createSymbolicLink(
                    atPath: bench.path("inbox/b.jpg").string,
                    withDestinationPath: bench.path("outside.pdf").string
                )
                #expect(try await Self.look(bench, "inbox/b.jpg").head.hasPrefix("http/1.1 404 "))
                #expect(try await bench.run("pause").code == 0)
                try bench.write(content + Array("%more\n".utf8), to: "inbox/a.pdf")
                #expect(try await Self.look(bench, "inbox/a.pdf", "&v=\(version)").head.hasPrefix("http/1.1 404 "))
            }
        }
    }
}
