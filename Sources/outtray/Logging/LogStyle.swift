import ArgumentParser
import Glibc
import Logging

/// How a line of the log is written.
struct LogStyle: Equatable, Sendable {
    /// `--log-format`.
    enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
        /// `2026-11-22T10:15:30Z warning account blocked account=main reason="its key was refused"`.
        case text
        /// One JSON object: `time`, `level`, `message`, and the metadata beside them.
        case json
    }

    var format = Format.text
    /// Whether the journal reads the lines. Then each begins with its priority (sd-daemon(3)), and the journal adds the
    /// time.
    var isForJournal = false
}

extension LogStyle {
    /// Whether a descriptor is the one in `$JOURNAL_STREAM`, by device and inode, as systemd.exec(5) asks.
    ///
    /// The variable alone says nothing: a child's standard error may be a file or a pipe.
    static func isJournal(_ descriptor: CInt, _ environment: [String: String]) -> Bool {
        guard let given = environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return given == "\(status.st_dev):\(status.st_ino)"
    }
}

extension Logger.Level {
    /// The priority of syslog(3) that `journalctl -p` goes by.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
