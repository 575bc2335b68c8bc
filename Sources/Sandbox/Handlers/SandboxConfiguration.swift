import Crypto
import FoundationEssentials

/// The settings of a sandbox before it starts. The defaults are the providers' own rules.
package struct SandboxConfiguration: Sendable {
    /// The address that all three ports are bound to.
    package var host = "127.0.0.1"
    /// The port of Postbreeze's API. 0 takes any free port, here and for the other two.
    package var postbreezePort = 4100
    package var connectSafelyPort = 4101
    package var storagePort = 4102
    /// Where bytes land. The directory is made if it is missing.
    package var directory: String
    /// Bearer keys that both APIs accept.
    package var keys: Set<String> = ["pb_live_sandbox", "cs_sandbox"]
    /// The owner of a key's account, if the key does not have one of its own. Keys of one owner share assets and quota.
    package var owners: [String: String] = [:]

    /// Postbreeze's limits for each key. Source: its API reference.
    package var postbreezeRates = [
        RateLimit(calls: 60, window: .seconds(60)), RateLimit(calls: 1000, window: .seconds(15 * 60)),
    ]
    /// ConnectSafely's limits for each key. Source: its API reference, also for the next limits.
    package var connectSafelyRates = [RateLimit(calls: 60, window: .seconds(60))]
    /// ConnectSafely's limits for each LinkedIn account. Every `POST` is a write.
    package var connectSafelyWriteRates = [RateLimit(calls: 15, window: .seconds(60))]

    /// How many bytes all assets of a key's owner at Postbreeze may have together. Nil means no quota.
    package var quota: Int64?
    /// The largest file of each kind at Postbreeze, in bytes.
    package var postbreezeCaps: [SandboxKind: Int64] = [
        .image: 5_000_000_000, .gif: 5_000_000_000, .video: 5_000_000_000, .document: 100_000_000,
    ]
    /// The largest file of each kind at ConnectSafely, in bytes. The numbers are LinkedIn's.
    package var connectSafelyCaps: [SandboxKind: Int64] = [.video: 500_000_000, .document: 100_000_000]

    /// How long an upload URL lives, in whole seconds. The weather can set another life.
    package var urlLifetime = Duration.seconds(15 * 60)
    /// The size of one part of a multipart upload, in bytes.
    package var partSize: Int64 = 4 << 20
    /// A video of more bytes than this is asked for in parts. Images and documents never are, as at LinkedIn.
    package var multipartThreshold: Int64 = 4 << 20
    /// What goes wrong from the start.
    package var weather = Weather()

    /// Takes the providers' own rules, with bytes under `directory`.
    package init(directory: String) {
        self.directory = directory
    }

    /// The owner of a key's account: Postbreeze's `ownerUserId`.
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
