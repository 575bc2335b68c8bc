import Logging
import Pipeline

/// Writes each event as one ``LogLine`` to standard error. Standard output is for data.
struct LineLogHandler: LogHandler {
    let style: LogStyle
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()

    init(_ style: LogStyle) {
        self.style = style
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        let line = LogLine(level: event.level, message: "\(event.message)", metadata: all)
        Console.writeLines(line.written(style, at: .now()))
    }
}
