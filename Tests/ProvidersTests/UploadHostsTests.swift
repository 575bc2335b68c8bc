import Pipeline
import Testing

@testable import Providers

@Suite struct UploadHostsTests {
    private static let publicAPI = "https://api.postbreeze.example/api/v1"

    private func verdict(
        _ url: String,
        api: String = Self.publicAPI,
        listed: [String] = []
    ) -> UploadHosts.Verdict {
        UploadHosts(baseURL: api, listed: listed.compactMap { UploadHost($0) }).verdict(on: url)
    }

    private func isRefused(_ verdict: UploadHosts.Verdict) -> Bool {
        if case .refused = verdict { true } else { false }
    }

    @Test(arguments: [
        "https://acc.r2.cloudflarestorage.com/bucket/key?X-Amz-Signature=1",
        "https://www.linkedin.com:443/dms-uploads/x",
        "HTTPS://Storage.Example", "https://storage.example.?q", "https://8.8.8.8/x",
        "https://[2606:4700::1111]:8443/x",
    ])
    func `a public API may name public storages, which are looked at again once connected`(url: String) {
        #expect(verdict(url) == .allowed(.publicOnly))
    }

    @Test(arguments: [
        "localhost", "LocalHost.", "a.localhost", "printer", "nas.local", "vault.internal", "router.home.arpa",
        "127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
        "0.0.0.0", "10.1.2.3", "10.66051", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "192.0.0.8", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255",
        "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[::127.0.0.1]", "[fe80::1]",
        "[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]",
        "[2002:a00:1::1]", "[2001::1]", "[2001:db8::1]",
    ])
    func `a public API may name nothing that is this machine or in an inner network`(host: String) {
        for url in ["https://\(host)/key", "https://\(host):8443/key?secret", "https://\(host)"] {
            #expect(isRefused(verdict(url)), "\(url)")
        }
    }

    @Test(arguments: [
        "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1", "128.0.0.1", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.0.1", "198.20.0.1", "223.255.255.255",
        "[2606:4700::1111]", "[64:ff9b::8.8.8.8]", "[::ffff:8.8.8.8]", "[2002:808:808::1]", "[2003::1]",
    ])
    func `what lies beside an inner network is public`(host: String) {
        #expect(verdict("https://\(host)/key") == .allowed(.publicOnly))
    }

    @Test(arguments: [
        "https://user@storage.example/", "https://storage.example@127.0.0.1/", "https://user:word@storage.example/",
        "https://storage.example\\@127.0.0.1/", "https://storage.example%2f@x/", "https://%31%32%37.0.0.1/",
        "https://１２７.0.0.1/", "https://127。0。0。1/", "https://storäge.example/", "https://\u{212A}.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1", "https://::1/", "https://a b/", "https://\tstorage.example/", "https://storage..example/",
        "https://.storage.example/", "https:///key", "https://?x", "https://storage.example:/", "https://h.example:0/",
        "https://h.example:65536/", "https://h.example:8x/", "https://[storage.example]/", "ftp://storage.example/",
        "file:///etc/passwd", "//storage.example/", "storage.example/key", " https://storage.example/", "",
        "https+unix://socket/", "https://127.0.0.1\u{0}.storage.example/",
    ])
    func `a URL that two readers could understand differently is refused, whatever the list says`(url: String) {
        #expect(isRefused(verdict(url)))
        #expect(isRefused(verdict(url, listed: ["storage.example", "*.example", "127.0.0.1", "::1"])))
        #expect(isRefused(verdict(url, api: "http://localhost:4100/api/v1")))
    }

    @Test func `an API with TLS cannot name a storage without, not even a listed one`() {
        #expect(isRefused(verdict("http://storage.example/key")))
        #expect(isRefused(verdict("http://storage.example/key", listed: ["storage.example"])))
        #expect(isRefused(verdict("http://127.0.0.1:4102/key", api: "https://localhost:4100")))
        #expect(verdict("http://storage.example/key", api: "http://api.example") == .allowed(.publicOnly))
        #expect(verdict("https://storage.example/key", api: "http://api.example") == .allowed(.publicOnly))
    }

    @Test(arguments: [
        "http://localhost:4100/api/v1", "http://127.0.0.1:4100", "http://[::1]:4100", "http://10.0.0.2/api",
        "https://100.100.1.1/api", "http://192.168.0.9", "https://[fd00::2]/api", "https://postbreeze.internal",
        "https://api.corp.local", "http://sandbox:4100",
    ])
    func `an API in an inner network may name any storage`(api: String) {
        for host in ["127.0.0.1:4102", "10.0.0.3", "storage.example", "minio"] {
            #expect(verdict("https://\(host)/key", api: api) == .allowed(.any))
        }
    }

    @Test func `a list decides alone, and what is on it may be anywhere`() {
        let listed = ["storage.example", "*.r2.example", "10.0.0.5:9000", "[fd00::5]"]
        let allowed = [
            "storage.example", "STORAGE.example.", "storage.example:8443", "acc.r2.example", "a.b.R2.example",
            "10.0.0.5:9000", "10.5:9000", "[fd00::5]:1", "[fd00:0::5]",
        ]
        let refused = [
            "other.example", "x.storage.example", "r2.example", "xr2.example", "r2.example.org", "10.0.0.5",
            "10.0.0.5:9001", "10.0.0.6:9000", "[fd00::6]", "8.8.8.8", "localhost",
        ]

        for api in [Self.publicAPI, "https://localhost:4100"] {
            for host in allowed {
                #expect(verdict("https://\(host)/key", api: api, listed: listed) == .allowed(.any), "\(host)")
            }
            for host in refused {
                #expect(isRefused(verdict("https://\(host)/key", api: api, listed: listed)), "\(host)")
            }
        }
    }

    @Test func `a refusal names the host and what to do, and no secret`() {
        let url = "https://user:word@10.0.0.1:9000/bucket/key?X-Amz-Signature=secret"
        let cases = [verdict(url), verdict(url.replacing("user:word@", with: "")), verdict(url, listed: ["a.example"])]

        for case .refused(let reason) in cases {
            #expect(reason.contains("10.0.0.1:9000"))
            #expect(!reason.contains("secret") && !reason.contains("word") && !reason.contains("bucket"))
        }
        #expect(
            verdict("https://10.0.0.1/k")
                == .refused(
                    "10.0.0.1 is this machine or in an inner network, and the API is not; name it in upload_hosts if "
                        + "bytes may go to it"
                )
        )
        #expect(
            verdict("https://b.example/k", listed: ["a.example"])
                == .refused("b.example is not among upload_hosts; add it there if bytes may go to it")
        )
    }

    @Test func `each piece of a ticket is judged`() {
        let pieces = ["https://a.example/1", "https://a.example/2", "https://10.0.0.1/3"].enumerated().map {
            Piece(index: $0, range: 0..<1, url: $1, headers: [])
        }
        let hosts = UploadHosts(baseURL: Self.publicAPI, listed: [])

        #expect(throws: Never.self) {
            try hosts.check(Ticket(receipt: Receipt(status: .unknown), pieces: Array(pieces.prefix(2))))
        }
        let error = #expect(throws: ProviderError.self) {
            try hosts.check(Ticket(receipt: Receipt(status: .unknown), pieces: pieces))
        }
        #expect(error?.kind == .refusedHost)
    }
}

@Suite struct UploadHostTests {
    @Test(arguments: [
        "storage.example", "*.storage.example", "storage", "10.0.0.5", "10.0.0.5:9000", "::1", "[::1]", "[::1]:9000",
        "storage.example:443", "*.storage.example:8443", "Storage.Example.", "a_b-c.example",
    ])
    func `a host is read, and shown as it was written`(text: String) {
        #expect(UploadHost(text)?.description == text)
    }

    @Test(arguments: [
        "", "*", "*.", "*example", "a.*.example", "*.*.example", "*.10.0.0.5", "https://storage.example",
        "storage.example/", "storage.example/x", "user@storage.example", "storage.example:", "storage.example:x",
        "storage.example:0", "storage.example:70000", "a b", ".example", "a..b", "storäge.example", "[::1", "[::1]x",
        "10.0.0.5 x",
    ])
    func `what is no host is nothing`(text: String) {
        #expect(UploadHost(text) == nil)
    }
}
