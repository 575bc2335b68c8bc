import Crypto
import FoundationEssentials

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
