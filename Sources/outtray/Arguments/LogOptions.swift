import ArgumentParser
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

/// A command with `--log-format`. All that it writes to standard error has that format, its errors as well.
protocol LoggingCommand: ParsableCommand {
    var log: LogOptions { get }
}

extension LoggingCommand {
    /// The format that the arguments of such a command ask for, also if they are wrong otherwise.
    static func format(in arguments: [String]) -> LogStyle.Format {
        let option = "--log-format"
        let given = arguments.indices.compactMap { index -> String? in
            if arguments[index] == option { return arguments[(index + 1)...].first }
            return arguments[index].hasPrefix(option + "=") ? String(arguments[index].dropFirst(option.count + 1)) : nil
        }
        return given.last.flatMap(LogStyle.Format.init) ?? .text
    }
}

extension Logger {
    /// Logs to standard error, because standard output is for data. If that is systemd's journal, each line has its
    /// priority.
    init(label: String, level: Logger.Level, format: LogStyle.Format = .text) {
        let style = LogStyle.ownStyle(format)
        self.init(label: label) { _ in LineLogHandler(style) }
        logLevel = level
    }
}
