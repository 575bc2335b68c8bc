import Foundation
import Glibc
import Logging

extension Console {
    /// Says why a command ends with an error. For the journal, each line has that priority.
    static func complain(_ text: String) {
        tell(complaint(text, isForJournal: LogStyle.isJournal(STDERR_FILENO, ProcessInfo.processInfo.environment)))
    }

    static func complaint(_ text: String, isForJournal: Bool) -> String {
        guard isForJournal else { return text }
        let mark = "<\(Logger.Level.error.priority)>"
        return text.split(separator: "\n").map { mark + $0 }.joined(separator: "\n")
    }
}
