import Sandbox
import Testing

/// One upload. A test crashes it at every point on its way.
struct CrashJob: Sendable, CustomTestStringConvertible {
    /// `main` (Postbreeze) or `linkedin` (ConnectSafely).
    let account: String
    let name: String
    let kind: String
    let content: [UInt8]
    /// The parts of a multipart upload; 1 for a single PUT.
    var parts = 1
    /// Does the provider process the file after the upload? Then the daemon asks for its status.
    var isProcessed = false
    /// Is the answer of its one PUT recorded with the result alone? So it is with a short file, as one PUT needs no
    /// further call.
    var isRecordedLast: Bool { content.count <= 256 * 1024 }

    var testDescription: String { "\(account == "main" ? "Postbreeze" : "ConnectSafely"): \(name)" }

    static let all: [CrashJob] = [
        CrashJob(account: "main", name: "a.jpg", kind: "IMAGE", content: Media.jpeg(), isProcessed: true),
        CrashJob(account: "main", name: "b.gif", kind: "GIF", content: Media.sample("loop.gif")),
        CrashJob(account: "main", name: "c.mp4", kind: "VIDEO", content: Media.mp4(bytes: 3 << 20)),
        CrashJob(account: "main", name: "d.pdf", kind: "DOCUMENT", content: Media.pdf()),
        CrashJob(account: "linkedin", name: "a.jpg", kind: "IMAGE", content: Media.jpeg()),
        CrashJob(account: "linkedin", name: "b.gif", kind: "GIF", content: Media.sample("loop.gif")),
        CrashJob(account: "linkedin", name: "c.mp4", kind: "VIDEO", content: Media.mp4(bytes: 3 << 20)),
        CrashJob(account: "linkedin", name: "d.pdf", kind: "DOCUMENT", content: Media.pdf(), isProcessed: true),
        CrashJob(account: "linkedin", name: "e.mp4", kind: "VIDEO", content: Media.mp4(bytes: 18 << 20), parts: 5),
    ]

    /// The points on this job's way, with the allowed effects of a restart after each.
    var crashes: [Crash] {
        let before = ["settling-recorded", "classified", "queued", "claimed", "intent-recorded"].map { Crash(at: $0) }
        // The one window that no client can close: the provider was asked, and the answer is lost.
        let ask = [Crash(at: "asked", asks: 2), Crash(at: "ticket-recorded")]
        let again = isRecordedLast ? 1 : 0
        let after = [
            Crash(at: "all-sent", again: again), Crash(at: "finished", again: again, completions: 2),
            Crash(at: "upload-recorded"),
            Crash(at: "journal-appended"), Crash(at: "journal-pruned"),
            // The first replacement comes from the start, and shows nothing yet.
            Crash(at: "replacement-synced"), Crash(at: "replacement-synced:2"),
            Crash(at: "replacement-renamed"), Crash(at: "replacement-renamed:2"),
        ]
        let status = isProcessed ? [Crash(at: "status-answered"), Crash(at: "status-recorded")] : []
        return before + ask + sending + after + status
    }

    private var sending: [Crash] {
        guard parts > 1 else {
            return [
                Crash(at: "bytes-recorded"), Crash(at: "piece-begun"), Crash(at: "piece-answered", again: 1),
            ] + (isRecordedLast ? [] : [Crash(at: "piece-recorded")])
        }
        // Three parts are under way at a time. The other parts may be stored but not recorded at the crash.
        // A part of 4 MiB goes in four chunks, and the crash comes in their middle.
        return [Crash(at: "bytes-recorded", again: 3)]
            + (1...parts).flatMap { part in
                [
                    Crash(at: "piece-begun:\(4 * part - 2)", again: 3), Crash(at: "piece-answered:\(part)", again: 3),
                    Crash(at: "piece-recorded:\(part)", again: part == parts ? 0 : 2),
                ]
            }
    }
}

/// A crash, and its allowed effects at the provider.
struct Crash: Sendable {
    /// As in `OUTTRAY_CRASH_AT`.
    let point: String
    /// Assets that were asked for. One of them gets bytes.
    let asks: Int
    /// PUTs that may be stored again, to the same asset, because their answer was not recorded.
    let again: Int
    /// The `complete` calls of a multipart upload.
    let completions: Int

    init(at point: String, asks: Int = 1, again: Int = 0, completions: Int = 1) {
        self.point = point
        self.asks = asks
        self.again = again
        self.completions = completions
    }
}

/// Crash points off the straight way of an upload.
enum CrashSide {
    static let copy = ["queued", "claimed", "known-bytes-recorded", "journal-appended", "replacement-synced:2"]
    static let rename = [
        "settling-recorded", "gone-recorded", "queued", "claimed", "known-bytes-recorded", "journal-appended",
        "journal-pruned", "replacement-synced:2", "replacement-renamed:2",
    ]
    static let renamedDirectory = ["moves-recorded", "journal-appended", "replacement-synced:2"]
    static let rejection = ["settling-recorded", "rejection-recorded", "journal-appended", "replacement-synced:2"]
    static let departure = [
        "upload-recorded", "departure-looked", "set-aside", "departure-cleared", "departed", "departure-recorded",
        "journal-appended", "journal-appended:2",
    ]
    static let move = ["aim-recorded", "moved"]
    static let crossing = ["copied"]
    static let writer = ["put-back"]
    static let expiry = ["ticket-recorded", "ticket-dropped", "intent-recorded:2", "ticket-recorded:2"]
    static let touch = ["bytes-recorded", "piece-answered", "all-sent", "finished"]
    static let failure = ["postponed", "claimed:2", "piece-begun:2"]
    static let change = ["returned-to-settling", "settling-recorded:2", "classified:2"]
    static let absence = ["gone-recorded", "journal-appended", "replacement-synced:2"]
    static let hook = ["hook-begun", "hook-ran", "hook-recorded", "hook-postponed"]
    static let sidecar = ["sidecar-noted", "sidecar-noted:2", "journal-appended"]
    static let actions = ["retry-recorded", "pause-recorded", "forgotten"]
    /// See `DropTests`.
    static let drop = ["drop-begun", "drop-renamed"]
    static let replacement = (2...9).flatMap { ["replacement-synced:\($0)", "replacement-renamed:\($0)"] }

    static let all =
        copy + rename + renamedDirectory + rejection + departure + move + crossing + writer + expiry + failure + touch
        + change + absence
        + replacement + hook + sidecar + actions + drop
}
