import ArgumentParser
import Logging

/// `--log-level`, for commands that work for long.
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

    var logger: Logger { Logger(label: "outtray", level: logLevel) }
}

extension Logger {
    /// To standard error: standard output is for data.
    init(label: String, level: Logger.Level) {
        self.init(label: label) { StreamLogHandler.standardError(label: $0) }
        logLevel = level
    }
}
