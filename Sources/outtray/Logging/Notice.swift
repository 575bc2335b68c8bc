import Logging
import Pipeline

/// A command's word to a person, beside the log on the same standard error.
///
/// As text, it is written as it stands. For `--log-format json`, it is a line of the log like any other, so that a
/// program can read them all.
struct Notice {
    let level: Logger.Level
    /// One line or several, for people.
    let text: String
    /// A constant sentence for programs, whose data is in `fields`. Nil: each line of the text is a sentence.
    let message: String?
    let fields: Logger.Metadata

    init(_ level: Logger.Level, _ text: String, as message: String? = nil, _ fields: Logger.Metadata = [:]) {
        self.level = level
        self.text = text
        self.message = message
        self.fields = fields
    }

    /// The lines with their ends. Each has its priority if the journal reads it.
    func written(_ style: LogStyle, at time: Timestamp) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: style.isForJournal || style.format == .json)
        switch style.format {
        case .text:
            let mark = style.isForJournal ? "<\(level.priority)>" : ""
            return lines.map { "\(mark)\($0)\n" }.joined()
        case .json:
            let sentences = message.map { [$0] } ?? lines.map { String($0.drop(while: \.isWhitespace)) }
            return sentences.map { LogLine(level: level, message: $0, metadata: fields).written(style, at: time) }
                .joined()
        }
    }
}
