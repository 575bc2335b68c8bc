import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Accounts whose servers have certificates of an authority that this machine does not know.
    struct TLSAccountTests {
        @Test(.timeLimit(.minutes(5)))
        func `a certificate that nobody here vouches for blocks the account in plain words, and ca_file opens it`()
            async throws
        {
            let certificates = try TestCertificates()
            let tls = try ScriptedServer.tls(certificate: certificates.certificate(.good), key: certificates.key(.good))
            try await ScriptedServer.run(.answer(200, headers: [("ETag", "\"1\"")]), tls: tls) { storage in
                let answer = """
                    {"uploadUrl": "\(storage.url(host: "localhost"))/k?sig=1",
                     "mediaAsset": {"id": "med_1", "normalizationStatus": "SKIPPED"}}
                    """
                try await ScriptedServer.run(.text(201, answer), tls: tls) { api in
                    try await withBench { bench in
                        try bench.point(at: api)
                        try bench.write(Media.pdf(), to: "inbox/a.pdf")
                        try await bench.withDaemon { daemon in
                            try await daemon.waitForLog("account blocked")
                            #expect(daemon.log.contains("is signed by an authority that this machine does not know"))
                            for word in ["BoringSSL", "NIO", "OPENSSL", "/work", ".cc"] {
                                #expect(!daemon.log.contains(word), "the log has \(word)")
                            }
                            #expect(api.requests.isEmpty && storage.requests.isEmpty)

                            try bench.write(Array(certificates.authority.utf8), to: "ca.pem")
                            try bench.point(at: api, lines: ["ca_file: \(bench.path("ca.pem"))"])
                            try daemon.send(SIGHUP)
                            let entry = try await bench.waitForEntry("inbox/a.pdf")
                            #expect(entry.mediaId == "med_1")
                        }
                        #expect(storage.requests.map(\.body) == [Media.pdf()])
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a ca_file that holds no certificate is a configuration error`() async throws {
            try await withBench { bench in
                try bench.write(Array("none".utf8), to: "ca.pem")
                for (path, words) in [
                    ("\(bench.path("ca.pem"))", "holds no certificate"), ("/nowhere/ca.pem", "cannot be read"),
                    ("ca.pem", "must be an absolute path"),
                ] {
                    let account = Bench.Account(name: "main", provider: "postbreeze", lines: ["ca_file: \(path)"])
                    try bench.configure([.init()], accounts: [account])

                    let ending = try await bench.run("check")

                    #expect(ending.code == 78)
                    #expect("\(ending)".contains("accounts.main.ca_file") && "\(ending)".contains(words), "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `three files of which none goes up are no verdict: the account says why, and all go up later`()
            async throws
        {
            try await withBench { bench in
                let words = #"<Error><Code>SignatureDoesNotMatch</Code><Message>It differs.</Message></Error>"#
                bench.sandbox.prepare(
                    [.init(to: "PUT", times: 1000, .given(status: 403, headers: [:], body: Array(words.utf8)))]
                )
                for number in 0..<5 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("account blocked") { $0.contains("refused one like the other") }
                    bench.sandbox.weather.prepared = []
                    try daemon.send(SIGHUP)
                    try await bench.waitForManifest("all files") { $0.entries.count == 5 && $0.rejected.isEmpty }
                }
            }
        }
    }
}

extension Bench {
    /// Writes the configuration with one account whose API is the scripted server.
    fileprivate func point(at api: ScriptedServer, lines: [String] = []) throws {
        let text = yaml(
            [.init()],
            accounts: [.init(name: "main", provider: "postbreeze", lines: lines)],
            addresses: (api.url(host: "localhost") + "/api/v1", "")
        )
        try write(Array(text.utf8), to: "outtray.yaml")
    }
}
