import ArgumentParser
import Foundation
import Glibc
import Logging

/// `--log-level` and `--log-format`, for commands that work for long.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The least that is logged, to standard error: trace, debug, info, notice, warning, error.",
            valueName: "level"
        ),
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("\(text) is no log level: trace, debug, info, notice, warning, error")
            }
            return level
        }
    )
    var logLevel: Logger.Level = .info

    @Option(
        help: ArgumentHelp(
            "How a line is written: text, or json, one object a line with time, level, message and what belongs to it.",
            valueName: "format"
        )
    )
    var logFormat: LogStyle.Format = .text

    var logger: Logger { Logger(label: "outtray", level: logLevel, format: logFormat) }
}

extension Logger {
    /// Logs to standard error, because standard output is for data. If that is systemd's journal, each line has its
    /// priority.
    init(label: String, level: Logger.Level, format: LogStyle.Format = .text) {
        let environment = ProcessInfo.processInfo.environment
        let style = LogStyle(format: format, isForJournal: LogStyle.isJournal(STDERR_FILENO, environment))
        self.init(label: label) { _ in LineLogHandler(style) }
        logLevel = level
    }
}
