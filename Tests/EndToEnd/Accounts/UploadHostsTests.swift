import Foundation
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// Bytes go to the hosts that the account allows, and nowhere else.
    struct UploadHostsTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a storage that is not allowed gets nothing, the account says so, and goes on once it is`(account: String)
            async throws
        {
            try await withBench([.init(account: account)]) { bench in
                let host = try bench.allow("storage.example", account: account)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                let end = try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("account blocked")
                    #expect(daemon.log.contains("\(host) is not among upload_hosts"))
                    #expect(bench.page.puts.isEmpty)

                    try bench.allow("127.0.0.1", account: account)
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("inbox/a.pdf")
                }

                #expect(end.status == .exited(0))
                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                // That asset was made before its URL could be seen; it has no bytes and never will.
                #expect(bench.page.assets.count == 2)
                #expect(bench.page.puts.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an upload under way stops when its storage is allowed no more, and asks anew once it is`() async throws {
            try await withBench { bench in
                bench.sandbox.weather.failEveryNthPut = 1
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.withDaemon { daemon in
                    _ = try await bench.sandbox.books.wait { !$0.puts.isEmpty }
                    try bench.allow("storage.example", account: "main")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("account blocked")
                    let puts = bench.page.puts.count
                    bench.sandbox.weather = Weather()
                    try bench.allow("127.0.0.1", account: "main")
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("inbox/a.pdf")

                    #expect(bench.page.puts.count == puts + 1)
                }

                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                // A ticket to a place that is not allowed is not kept: another answer may name another place.
                #expect(bench.page.assets.count == 2)
                #expect(bench.page.assets.count(where: \.isComplete) == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a proxy that the environment names sees nothing`() async throws {
            try await withBench { bench in
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                // Nobody listens there: whoever asked it would never get through.
                let proxy = "http://127.0.0.1:1"
                let environment: [Environment.Key: String?] = [
                    "http_proxy": proxy, "HTTP_PROXY": proxy, "https_proxy": proxy, "ALL_PROXY": proxy,
                ]
                try await bench.withDaemon(environment: environment) { _ in try await bench.waitForEntry("inbox/a.pdf")
                }

                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
            }
        }
    }
}

extension Bench {
    /// Writes the configuration with `upload_hosts` for one account; returns the sandbox's storage, host and port.
    @discardableResult
    fileprivate func allow(_ host: String, account: String) throws -> String {
        let text = yaml([.init(account: account)])
            .replacing(
                "  \(account):\n    provider:",
                with: "  \(account):\n    upload_hosts: [\(host)]\n    provider:"
            )
        try write(Array(text.utf8), to: "outtray.yaml")
        return addresses.storage.replacing("http://", with: "")
    }
}
