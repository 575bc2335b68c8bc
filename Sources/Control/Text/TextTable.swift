/// Rows of texts in aligned columns, for a terminal.
package struct TextTable: Sendable {
    package struct Column: Sendable {
        /// Numbers stand at the right.
        var isRight = false
        /// Whether the texts are cut in the middle if the row is too wide. An id never is.
        var isCut = false

        package static let left = Column()
        package static let right = Column(isRight: true)
        package static let cut = Column(isCut: true)
    }

    private let columns: [Column]
    private var rows: [[String]] = []
    /// A cut text keeps so many columns.
    private static let least = 8
    private static let gap = "  "

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    package mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The lines, without spaces at their ends. `width`: the terminal's; nil if there is none, and nothing is cut.
    package func lines(width: Int?) -> [String] {
        var widths = columns.indices.map { column in rows.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
        if let width {
            var over = widths.reduce(0, +) + Self.gap.count * (columns.count - 1) - width
            // The last such column gives way first: it is the one that grows with names.
            for column in columns.indices.reversed() where columns[column].isCut && over > 0 {
                let less = min(over, max(0, widths[column] - Self.least))
                widths[column] -= less
                over -= less
            }
        }
        return rows.map { row in
            let texts = columns.indices.map { column in
                let text = columns[column].isCut ? DisplayWidth.cut(row[column], to: widths[column]) : row[column]
                return DisplayWidth.pad(text, to: widths[column], right: columns[column].isRight)
            }
            let line = texts.joined(separator: Self.gap)
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
