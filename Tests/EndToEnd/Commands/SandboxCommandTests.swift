import Foundation
import FoundationNetworking
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray sandbox`, as people use it from their own scripts.
    struct SandboxCommandTests {
        @Test(.timeLimit(.minutes(5)))
        func `it prints where it is, and takes an upload as its help shows`() async throws {
            try await withSandboxCommand { directory, addresses in
                let asked = try await send(
                    "POST",
                    addresses[0] + "/media/presign",
                    [
                        "Authorization": "Bearer pb_live_sandbox", "Content-Type": "application/json",
                    ],
                    Array(#"{"filename": "cat.png", "contentType": "image/png"}"#.utf8)
                )
                #expect(asked.status == 201, "\(asked.text)")
                let ticket = try JSONTree(parsing: asked.body)
                let picture = Media.sample("picture.png")

                let stored = try await send(
                    "PUT",
                    ticket["uploadUrl"]?.string ?? "",
                    ["Content-Type": "image/png"],
                    picture
                )
                let published = try await send("GET", ticket["publicUrl"]?.string ?? "")
                let unsigned = try await send(
                    "PUT",
                    ticket["uploadUrl"]?.string ?? "",
                    ["Content-Type": "image/gif"],
                    picture
                )
                let stranger = try await send(
                    "POST",
                    addresses[0] + "/media/presign",
                    ["Authorization": "Bearer no"],
                    []
                )

                #expect(stored.status == 200, "\(stored.text)")
                #expect(published.status == 200 && published.body == picture)
                #expect(unsigned.status == 403 && unsigned.text.contains("<Code>"), "\(unsigned.text)")
                #expect(stranger.status == 401, "\(stranger.text)")
                let books = try await send("GET", addresses[0].replacing("/api/v1", with: "/sandbox/books"))
                #expect(books.text.contains("cat.png"), "\(books.text)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/postbreeze").count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `it starts in the weather that it is told, and the weather can be changed`() async throws {
            try await withSandboxCommand(["--too-many-requests-after", "0"]) { _, addresses in
                let headers = ["Authorization": "Bearer pb_live_sandbox", "Content-Type": "application/json"]
                let wish = Array(#"{"filename": "cat.png", "contentType": "image/png"}"#.utf8)

                let bad = try await send("POST", addresses[0] + "/media/presign", headers, wish)
                let weather = addresses[0].replacing("/api/v1", with: "/sandbox/weather")
                let change = try await send("POST", weather, [:], Array(#"{"tooManyRequestsAfter": null}"#.utf8))
                let good = try await send("POST", addresses[0] + "/media/presign", headers, wish)

                #expect(bad.status == 429, "\(bad.text)")
                #expect(change.status == 200, "\(change.text)")
                #expect(good.status == 201, "\(good.text)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a port that is taken gives 75 and the option to choose another`() async throws {
            try await withBench { bench in
                let port = bench.addresses.postbreeze.split(separator: ":").last?.prefix { $0.isNumber } ?? ""

                let ending = try await BuiltBinary.run([
                    "sandbox", "--postbreeze-port", "\(port)", "--connectsafely-port", "0", "--storage-port", "0",
                    "--directory", bench.path("other").string,
                ])

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.error.contains("--postbreeze-port") && ending.error.contains(port), "\(ending)")
            }
        }

        /// Runs the command on free ports, and hands over the three addresses that it prints.
        private func withSandboxCommand(
            _ options: [String] = [],
            _ body: (FilePath, [String]) async throws -> Void
        ) async throws {
            let root = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            let directory = root.appending("files")
            let ports = ["--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0"]
            let end = try await withProcess(
                BuiltBinary.command(["sandbox", "--directory", directory.string] + ports + options),
                logFile: root.appending("log")
            ) { process in
                try await process.waitForLog("files land in")
                let lines = process.log.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                #expect(lines.map(\.first) == ["postbreeze", "connectsafely", "storage"])
                try await body(directory, lines.map { $0.count > 1 ? $0[1] : "" })
            }
            #expect(end.status == .exited(0), "\(end.log)")
        }

        private struct Answer {
            let status: Int
            let body: [UInt8]

            var text: String { String(decoding: body, as: UTF8.self) }
        }

        private func send(
            _ method: String,
            _ url: String,
            _ headers: [String: String] = [:],
            _ body: [UInt8]? = nil
        ) async throws -> Answer {
            var request = URLRequest(url: try #require(URL(string: url), "\(url) is no address"))
            request.httpMethod = method
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            request.httpBody = body.map { Data($0) }
            let (data, response) = try await URLSession.shared.data(for: request)
            return Answer(status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: [UInt8](data))
        }
    }
}
