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
        // What `printable` would not show as it is, is escaped: so the value is whole and the line harmless.
        var json = JSONText(escaping: { !isPlain($0) })
        json.write(.object(members.map { JSON.Member($0.0, .string($0.1)) }))
        return json.text
    }

    private static let reserved: Set<String> = ["time", "level", "message"]
}
