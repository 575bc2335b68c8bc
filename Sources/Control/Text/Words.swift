import Pipeline

/// Numbers and times as people read them.
package enum Words {
    /// `12 d 4 h`, `1 h 19 min`, `2 min 5 s`, `40 s`, `250 ms`: the two largest units.
    package static func duration(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        if seconds == 0 { return "\(max(0, duration.milliseconds)) ms" }
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let first = parts.firstIndex { $0.0 > 0 } ?? 3
        return parts[first..<min(first + 2, parts.count)].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            .joined(separator: " ")
    }

    /// `8,120`: groups of three digits.
    package static func number(_ number: Int) -> String { Int64(number).grouped }

    package static func files(_ count: Int) -> String { self.count(count, "file", "files") }

    package static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(number(count)) \(count == 1 ? one : many)"
    }

    /// Lines of at most this width, broken at spaces. The first begins with `first`, all others with `indent`.
    package static func wrap(_ text: String, to width: Int?, first: String = "", indent: String) -> [String] {
        guard let width, DisplayWidth.of(first + text) > width else { return [first + text] }
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            let longer = isEmpty ? line + word : "\(line) \(word)"
            if !isEmpty, DisplayWidth.of(longer) > width {
                lines.append(line)
                line = indent + word
            } else {
                line = longer
            }
            isEmpty = false
        }
        return lines + [line]
    }
}
