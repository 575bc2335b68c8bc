import Logging
import Pipeline

/// One line of the log as a value: whatever message and metadata hold, it stays one line that reads as it is.
///
/// This is the one place that cleans what is logged, so that no caller can forget it: names of files, words of servers
/// and ids come from strangers.
struct LogLine {
    let level: Logger.Level
    let message: String
    /// In the order of their keys.
    let fields: [(key: String, value: String)]

    init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.level = level
        self.message = message
        fields = metadata.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
    }

    /// The line with its end, as `style` has it.
    func written(_ style: LogStyle, at time: Timestamp) -> String {
        let mark = style.isForJournal ? "<\(level.priority)>" : ""
        switch style.format {
        case .json: return mark + json(at: time) + "\n"
        case .text: return mark + (style.isForJournal ? "" : "\(time.iso8601) \(level) ") + text + "\n"
        }
    }

    private var text: String {
        ([printable(message)] + fields.map { "\(printable($0.key))=\(Self.word($0.value))" }).joined(separator: " ")
    }

    /// A value as one word: in quotation marks where it has white space or such a mark, so that no name can look like
    /// another field.
    private static func word(_ value: String) -> String {
        let shown = printable(value)
        guard shown.isEmpty || shown.unicodeScalars.contains(where: { $0 == "\"" || $0.properties.isWhitespace }) else {
            return shown
        }
        let escaped = shown.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }

    private func json(at time: Timestamp) -> String {
        let own = [("time", time.iso8601), ("level", level.rawValue), ("message", message)]
        let members = own + fields.map { (Self.reserved.contains($0.key) ? "_\($0.key)" : $0.key, $0.value) }
        return "{" + members.map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",") + "}"
    }

    private static let reserved: Set<String> = ["time", "level", "message"]

    /// RFC 8259, section 7; what ``printable(_:)`` would not show as it is stands as `\uXXXX`, so that the value is whole
    /// and the line harmless.
    private static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                json += "\\\(scalar)"
            } else if isPlain(scalar) {
                json.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return json + "\""
    }
}
