import Crypto
import FoundationEssentials

/// What a file is to a provider.
///
/// The raw values are Postbreeze's own words for `kind`; ConnectSafely's `mediaType` maps onto them.
package enum SandboxKind: String, Sendable, Codable, CaseIterable {
    case image = "IMAGE"
    case video = "VIDEO"
    case gif = "GIF"
    case document = "DOCUMENT"
}

/// At most so many calls in any window of so long.
package struct RateLimit: Sendable, Equatable {
    package var calls: Int
    package var window: Duration

    /// Admits `calls` calls in every `window`.
    package init(calls: Int, window: Duration) {
        self.calls = calls
        self.window = window
    }

    /// Reads `60/60`: the calls, a slash, the window in seconds. Nil when it reads otherwise or is not above zero.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let calls = Int(halves[0]), let seconds = Double(halves[1]), calls > 0, seconds > 0,
            seconds < 1e9
        else { return nil }
        self.init(calls: calls, window: .seconds(seconds))
    }
}

/// Everything that can be said about a sandbox before it starts; the defaults are the providers' own rules.
package struct SandboxConfiguration: Sendable {
    /// The address that all three ports are bound to.
    package var host = "127.0.0.1"
    /// Where Postbreeze's API listens; 0 takes any free port. The same goes for the other two.
    package var postbreezePort = 4100
    package var connectSafelyPort = 4101
    package var storagePort = 4102
    /// Where bytes land; made when it is not there.
    package var directory: String
    /// Bearer keys that both APIs accept.
    package var keys: Set<String> = ["pb_live_sandbox", "cs_sandbox"]
    /// Whose account a key is of, where it is not of one of its own: keys of one owner share assets and quota.
    package var owners: [String: String] = [:]

    /// Postbreeze's limits for each key. Source: its API reference.
    package var postbreezeRates = [
        RateLimit(calls: 60, window: .seconds(60)), RateLimit(calls: 1000, window: .seconds(15 * 60)),
    ]
    /// ConnectSafely's limits for each key. Source: its API reference, as the next one.
    package var connectSafelyRates = [RateLimit(calls: 60, window: .seconds(60))]
    /// ConnectSafely's limits for each LinkedIn account; every `POST` is a write.
    package var connectSafelyWriteRates = [RateLimit(calls: 15, window: .seconds(60))]

    /// Bytes that all of a key's assets at Postbreeze may have together; nil is no quota.
    package var quota: Int64?
    /// The largest file of each kind at Postbreeze, in bytes.
    package var postbreezeCaps: [SandboxKind: Int64] = [
        .image: 5_000_000_000, .gif: 5_000_000_000, .video: 5_000_000_000, .document: 100_000_000,
    ]
    /// The largest file of each kind at ConnectSafely, in bytes; the numbers are LinkedIn's.
    package var connectSafelyCaps: [SandboxKind: Int64] = [.video: 500_000_000, .document: 100_000_000]

    /// How long an upload URL lives, in whole seconds; the weather can make it shorter.
    package var urlLifetime = Duration.seconds(15 * 60)
    /// Bytes of one part of a multipart upload.
    package var partSize: Int64 = 4 << 20
    /// A video of more bytes than this is asked for in parts. Images and documents never are, as at LinkedIn.
    package var multipartThreshold: Int64 = 4 << 20
    /// What goes wrong from the start.
    package var weather = Weather()

    /// The providers' own rules, with bytes under `directory`.
    package init(directory: String) {
        self.directory = directory
    }

    /// Whose account a key is of: Postbreeze's `ownerUserId`.
    package func owner(of key: String) -> String {
        if let owner = owners[key] { return owner }
        if key == "pb_live_sandbox" { return "usr_sandbox" }
        let digest = SHA256.hash(data: Array(key.utf8)).prefix(6)
        return "usr_" + digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Takes every rate limit away.
    package mutating func removeRateLimits() {
        postbreezeRates = []
        connectSafelyRates = []
        connectSafelyWriteRates = []
    }
}
