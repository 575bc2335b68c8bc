import Glibc
import Threads

/// The moments at which a crash is worth trying: after each step that is durable, and around each request.
///
/// They are compiled into every build, so that what is tested is what is shipped, and do nothing unless the environment
/// variable `OUTTRAY_CRASH_AT` names one: then the process kills itself there, as `kill -9` would. `ticket-recorded` is
/// the first time that a ticket was recorded, `piece-recorded:3` the third time that an answer to a piece was. What
/// a restart makes of each stands in the table of ``SQLiteLedger``'s comment.
///
/// `OUTTRAY_STOP_AT` names points, parted by commas, at which the process stops each time, as by `kill -STOP`, until
/// somebody sends it `SIGCONT`: for what others may do meanwhile.
package enum CrashPoint: String, CaseIterable, Sendable {
    // Settle, Classify, Queue.
    case settlingRecorded = "settling-recorded"
    case classified
    case queued
    case rejectionRecorded = "rejection-recorded"
    case goneRecorded = "gone-recorded"
    // Upload: the file is taken from the queue.
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
    // Manifest.
    case journalAppended = "journal-appended"
    case journalPruned = "journal-pruned"
    case replacementSynced = "replacement-synced"
    case replacementRenamed = "replacement-renamed"

    /// Stops or kills the process if this is the point, and the time, that the environment names.
    package func reached() {
        // To this thread, which goes no further; the others are stopped with it.
        if Self.stops.contains(self) { raise(SIGSTOP) }
        guard let armed = Self.armed, armed.point == self, armed.isNow() else { return }
        // Not abort(3) or _exit(2): nothing may run after it, no handler and no buffer's flush.
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
