import Pipeline
import SystemPackage
import Testing

@testable import outtray

/// `limits:` of accounts and folders.
@Suite struct LimitsConfigurationTests {
    private func limits(_ text: String) throws -> Configuration.Account {
        let yaml = "accounts: {a: {provider: postbreeze, api_key_env: K, limits: \(text)}}"
        let configuration = try Configuration.read(yaml, file: "o.yaml", environment: ["HOME": "/h"])
        return try #require(configuration.account("a"))
    }

    /// The problems of an account with one more line, which is line 5.
    private func problems(_ line: String) -> [String] {
        do throws(ConfigurationError) {
            let text = "accounts:\n  main:\n    provider: postbreeze\n    api_key_env: KEY\n    limits: \(line)\n"
            _ = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test func `a kind has a bare size, or a mapping of size and ranges`() throws {
        let account = try limits("{image: {bytes: 8MB, pixels: 36152319}, video: {seconds: 3..1800}, document: 5MB}")

        #expect(account.limits[.image] == ByteCount(8_000_000))
        #expect(account.limits[.video] == ByteCount(5_000_000_000))
        #expect(account.limits[.document] == ByteCount(5_000_000))
        #expect(account.rules[.image] == .init(pixels: Bounds(most: 36_152_319)))
        #expect(account.rules[.video] == .init(duration: Bounds(least: 3000, most: 1_800_000)))
        #expect(account.rules[.document] == .init() && account.rules[.gif] == .init())
    }

    @Test(arguments: [
        ("3..1800", Bounds(least: 3000, most: 1_800_000)), ("3..", Bounds(least: 3000)),
        ("..1800", Bounds(most: 1_800_000)), ("1800", Bounds(most: 1_800_000)), ("2.5..", Bounds(least: 2500)),
        ("0.125..0.25", Bounds(least: 125, most: 250)), ("7..7", Bounds(least: 7000, most: 7000)),
    ])
    func `a range has either end or both, and a bare number is the most`(text: String, bounds: Bounds) throws {
        #expect(try limits("{video: {seconds: \(text)}}").rules[.video].duration == bounds)
    }

    @Test(arguments: [
        "..", "0", "..0", "9..3", "-3", "3...5", "1.2345", "3..1800..", "a", "3,5", "9223372036854775807", "3 .. 5",
        "1.",
        "٣",
    ])
    func `what is no range is none`(text: String) {
        #expect(Bounds(configuration: text, unit: 1000) == nil)
    }

    @Test func `pixels are whole numbers`() {
        #expect(Bounds(configuration: "2.5..", unit: 1) == nil)
        #expect(Bounds(configuration: "9223372036854775807", unit: 1) == Bounds(most: .max))
    }

    @Test func `a mistake is told with its line, its key, and what would be right`() {
        let expected = "must be a number above 0, which is the most, or a range, such as 1800, 3.. or 3..1800, not"
        let place = "o.yaml:5:31: accounts.main.limits.video.seconds:"

        #expect(problems("{video: {seconds: 3-1800}}") == ["\(place) \(expected) \"3-1800\": write 3..1800"])
        #expect(
            problems("{video: {seconds: 1800s}}") == ["\(place) \(expected) \"1800s\": seconds have no unit, as 1800"]
        )
        #expect(
            problems("{video: {seconds: 3-1}}")
                == ["\(place) \(expected) \"3-1\": the lower number comes first, as 1..3"]
        )
        #expect(problems("{video: {seconds: 3 .. 9}}") == ["\(place) \(expected) \"3 .. 9\": write 3..9"])
        #expect(
            problems("{video: {seconds: 9..3}}")
                == ["\(place) \(expected) \"9..3\": the lower number comes first, as 3..9"]
        )
    }

    @Test(arguments: [
        ("30m", ", as 1800"), ("1h", ", as 3600"), ("500ms", ", as 0.5"), ("1.5 min", ", as 90"),
        ("1800s", ", as 1800"),
        ("3s..30m", ", as 3..1800"), ("3s..", ", as 3.."), ("..1H", ", as ..3600"), ("3..30m", ""), ("2d", ""),
    ])
    func `a duration with a unit is told in seconds`(text: String, advice: String) {
        let told = problems("{video: {seconds: \(text)}}")

        #expect(told.count == 1 && told[0].hasSuffix("not \"\(text)\": seconds have no unit\(advice)"), "\(told)")
    }

    @Test(arguments: [
        ("36152319px", ": pixels have no unit, as 36152319"), ("1..9 pixels", ": pixels have no unit"),
        ("36MP", ": pixels have no unit"),
        ("2K", ": pixels have no unit"), ("1h", ": pixels have no unit"), ("many", ""), ("1e6", ""),
    ])
    func `pixels with a unit that is not known are told without a number`(text: String, advice: String) {
        let told = problems("{image: {pixels: \(text)}}")

        #expect(told.count == 1 && told[0].hasSuffix("not \"\(text)\"\(advice)"), "\(told)")
    }

    @Test func `a key that a kind does not have is unknown, with those it has`() {
        #expect(
            problems("{image: {secs: 3..}}")
                == ["o.yaml:5:22: accounts.main.limits.image.secs: unknown key; known here: bytes, pixels"]
        )
        #expect(
            problems("{video: {second: 3..}}")
                == ["o.yaml:5:22: accounts.main.limits.video.second: unknown key; did you mean seconds?"]
        )
        #expect(problems("{document: {pixels: 3}}").count == 1)
    }

    @Test func `a list, or a text that is no size, is told with both forms`() {
        let words = "must be a size such as 500MB or 5GiB, or {bytes: 500MB, …}"

        #expect(problems("{video: [1]}") == ["o.yaml:5:21: accounts.main.limits.video: \(words)"])
        #expect(problems("{video: big}") == ["o.yaml:5:21: accounts.main.limits.video: \(words), not \"big\""])
    }

    @Test func `a folder's rules reach its files, and its account's reach those of no folder`() throws {
        let text = """
            accounts: {a: {provider: connectsafely, api_key_env: K, limits: {video: {seconds: 3..}}}}
            folders: {inbox: {path: /srv/inbox, account: a, limits: {video: {seconds: ..60}}}}
            """
        let configuration = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
        let account = try #require(configuration.account("a"))
        let folder = try #require(configuration.folders.first)
        func isTaken(_ seconds: Int64, in folder: Configuration.Folder? = nil) -> Bool {
            let finding = MediaFinding(.mp4, measure: MediaMeasure(duration: .seconds(seconds)))
            return configuration.admission(of: account, in: folder).judge(finding, size: 9) == .admitted(.video)
        }

        #expect(isTaken(61) && isTaken(3) && !isTaken(2))
        #expect(!isTaken(61, in: folder) && isTaken(60, in: folder) && !isTaken(2, in: folder))
    }
}
