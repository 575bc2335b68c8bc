import Glibc
import Threads

/// The moments at which a crash is worth trying: after each durable step, and around each request.
///
/// They are compiled into every build, so the tested binary is the shipped one. They do nothing unless the environment
/// variable `OUTTRAY_CRASH_AT` names one. There the process kills itself, as `kill -9` would. `ticket-recorded` means
/// the first recorded ticket, `piece-recorded:3` the third recorded answer to a piece. `docs/architecture.md`
/// has a table of what a restart does after each.
///
/// `OUTTRAY_STOP_AT` names points, separated by commas. There the process stops each time, as by `kill -STOP`, until it
/// gets `SIGCONT`. So a test can act in between.
package enum CrashPoint: String, CaseIterable, Sendable {
    // Settle, Classify, Queue.
    case settlingRecorded = "settling-recorded"
    case classified
    case queued
    case rejectionRecorded = "rejection-recorded"
    case goneRecorded = "gone-recorded"
    case sidecarNoted = "sidecar-noted"
    case movesRecorded = "moves-recorded"
    // Upload: the file is claimed.
    case claimed
    case knownBytesRecorded = "known-bytes-recorded"
    // Ask.
    case intentRecorded = "intent-recorded"
    case asked
    case ticketRecorded = "ticket-recorded"
    case ticketDropped = "ticket-dropped"
    // Send: before the last byte goes, and for each piece.
    case bytesRecorded = "bytes-recorded"
    case pieceBegun = "piece-begun"
    case pieceAnswered = "piece-answered"
    case pieceRecorded = "piece-recorded"
    // Finish.
    case allSent = "all-sent"
    case finished
    case uploadRecorded = "upload-recorded"
    case postponed
    case returnedToSettling = "returned-to-settling"
    // After the upload.
    case departureLooked = "departure-looked"
    case setAside = "set-aside"
    case departureCleared = "departure-cleared"
    case putBack = "put-back"
    case aimRecorded = "aim-recorded"
    case copied
    case moved
    case departed
    case departureRecorded = "departure-recorded"
    case statusAnswered = "status-answered"
    case statusRecorded = "status-recorded"
    // Hooks.
    case hookBegun = "hook-begun"
    case hookRan = "hook-ran"
    case hookRecorded = "hook-recorded"
    case hookPostponed = "hook-postponed"
    // What a person asked for.
    case retryRecorded = "retry-recorded"
    case pauseRecorded = "pause-recorded"
    case forgotten
    // A file that comes in by a drop.
    case dropBegun = "drop-begun"
    case dropRenamed = "drop-renamed"
    // Manifest.
    case journalAppended = "journal-appended"
    case journalPruned = "journal-pruned"
    case replacementSynced = "replacement-synced"
    case replacementRenamed = "replacement-renamed"

    /// Stops or kills the process if the environment names this point and its time has come.
    package func reached() {
        // Sent to this thread, so it goes no further. The other threads stop with it.
        if Self.stops.contains(self) { raise(SIGSTOP) }
        guard let armed = Self.armed, armed.point == self, armed.isNow() else { return }
        // Not abort(3) or _exit(2): no handler and no flush of a buffer may run.
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    private static let stops = Set(
        (getenv("OUTTRAY_STOP_AT").map { String(cString: $0) } ?? "").split(separator: ",").compactMap {
            CrashPoint(rawValue: String($0))
        }
    )

    private static let armed = ArmedPoint(getenv("OUTTRAY_CRASH_AT").map { String(cString: $0) })
}

/// The point that the environment names, and how often it is still to be passed.
private final class ArmedPoint: Sendable {
    let point: CrashPoint
    private let times: Mutex<Int>

    /// Nil for a text that names no point.
    init?(_ text: String?) {
        guard let parts = text?.split(separator: ":", maxSplits: 1), let name = parts.first,
            let point = CrashPoint(rawValue: String(name))
        else { return nil }
        self.point = point
        times = Mutex(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    func isNow() -> Bool {
        times.withLock { times in
            times -= 1
            return times == 0
        }
    }
}
