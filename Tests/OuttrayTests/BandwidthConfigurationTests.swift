import Pipeline
import Testing

@testable import outtray

@Suite struct BandwidthConfigurationTests {
    private func read(_ value: String, ofAccount: Bool) throws -> Configuration {
        let line = "bandwidth: \(value)"
        let text = """
            \(ofAccount ? "" : line)
            accounts:
              main:
                provider: postbreeze
                api_key_env: KEY
                \(ofAccount ? line : "concurrency: 2")
            folders: {inbox: {path: /srv/inbox, account: main}}
            """
        return try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
    }

    private func bandwidth(_ value: String) throws -> Bandwidth {
        let all = try read(value, ofAccount: false)
        let own = try read(value, ofAccount: true)
        #expect(all.bandwidth == own.accounts[0].bandwidth)
        #expect(all.accounts[0].bandwidth == .unlimited && own.bandwidth == .unlimited)
        return all.bandwidth
    }

    @Test(
        arguments: [
            ("64kbit/s", 8000), ("20Mbit/s", 2_500_000), ("1Gbit/s", 125_000_000), ("2MB/s", 2_000_000),
            ("2MiB/s", 2 << 20), ("8kB/s", 8000), ("1.5MB/s", 1_500_000), ("1.5Mbit/s", 187_500),
            ("1000Gbit/s", 125_000_000_000),
        ]
    )
    func `a rate is written in bits or bytes a second`(value: String, rate: Int64) throws {
        #expect(try bandwidth(value) == Bandwidth(rate: rate))
    }

    @Test func `off is no limit, and so is nothing`() throws {
        #expect(try bandwidth("off") == .unlimited)
        #expect(try bandwidth("") == .unlimited)
    }

    @Test func `rates by the time of day come in any order`() throws {
        let bandwidth = try bandwidth(#"["23:00 off", "07:00 5Mbit/s"]"#)

        #expect(bandwidth == Bandwidth([.init(minute: 420, rate: 625_000), .init(minute: 1380, rate: nil)]))
        #expect(try self.bandwidth("[07:00 5Mbit/s]").rate(at: 0) == 625_000)
    }

    @Test(
        arguments: [
            "20Mbit", "20Mb/s", "20mbit/s", "20 Mbit/s", "20 parsecs", "0Mbit/s", "63kbit/s", "8000/s", "-1MB/s",
            "1.5.5MB/s", "[]",
            "[20Mbit/s]", "1001Gbit/s", "9223372036854775807GB/s", "true",
            #"["7:00 5Mbit/s"]"#, #"["24:00 5Mbit/s"]"#, #"["07:60 5Mbit/s"]"#, #"["07:00"]"#,
            #"["07:00 off", "07:00 1MB/s"]"#,
            "{rate: 1MB/s}", "99999999999Gbit/s",
        ]
    )
    func `anything else is told with its place and what would be right`(value: String) throws {
        for ofAccount in [false, true] {
            let error = #expect(throws: ConfigurationError.self) { try read(value, ofAccount: ofAccount) }
            let told = try #require(error.map { "\($0)" })
            #expect(told.hasPrefix(ofAccount ? "o.yaml:6:" : "o.yaml:1:"), "\(told)")
            #expect(told.contains("bandwidth"), "\(told)")
            #expect(told.contains("5Mbit/s") || told.contains("20Mbit/s") || told.contains("twice"), "\(told)")
        }
    }
}
