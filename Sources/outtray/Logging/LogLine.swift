import Logging
import Pipeline

/// One line of the log as a value. Whatever message and metadata hold, it stays one readable line.
///
/// File names, servers' words and ids come from strangers. Only this file cleans what is logged, so no caller can
/// forget it.
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

    /// The line with its end, in the given `style`.
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

    /// A value as one word. It is quoted if it has white space or a quotation mark, so no name can look like another
    /// field.
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

    /// A JSON string by RFC 8259, section 7.
    ///
    /// A character that ``printable(_:)`` would not show as it is becomes `\uXXXX`. So the value is whole and the line
    /// harmless.
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
