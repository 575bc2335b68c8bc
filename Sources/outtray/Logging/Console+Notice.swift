import Foundation
import Glibc
import Logging
import Pipeline
import Threads

extension Console {
    private static let style = Mutex(LogStyle(format: .text))
    /// Lets lines go one after the other, even if a pipe takes only part of a line at a time.
    private static let turn = Mutex(())

    /// Writes all that follows as lines of this format. If systemd's journal reads them, each has its priority.
    static func adopt(_ format: LogStyle.Format) {
        style.withLock { $0 = .ownStyle(format) }
    }

    /// Says something on standard error, in the style of the log.
    static func tell(_ notice: Notice) {
        writeLines(notice.written(style.withLock(\.self), at: .now()))
    }

    /// Says why a command does not end well.
    static func tell(_ text: String) { tell(Notice(.error, text)) }

    /// Writes whole lines to standard error.
    static func writeLines(_ lines: String) {
        _ = turn.withLock { _ in write(lines, to: STDERR_FILENO) }
    }
}

extension LogStyle {
    /// The style of this process's standard error in a format.
    static func ownStyle(_ format: Format) -> LogStyle {
        LogStyle(format: format, isForJournal: isJournal(STDERR_FILENO, ProcessInfo.processInfo.environment))
    }
}
