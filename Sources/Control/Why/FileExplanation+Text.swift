import Pipeline

extension FileExplanation {
    /// The answer for people: a headline, a line a step, and what comes next.
    ///
    /// `time` writes a moment. `printable` makes a text of others safe for a terminal. `width` is the terminal's:
    /// longer lines are broken at spaces. If it is nil, none is broken.
    package func lines(
        time: (Timestamp) -> String,
        printable: (String) -> String,
        width columns: Int? = nil
    ) -> [String] {
        var lines = Words.wrap(
            printable(headline),
            to: columns,
            first: "\(printable(ManifestKey(path).text))  ",
            indent: "    "
        )
        var rows: [(time: String, name: String, words: String)] = known.steps.map { step in
            let count = step.last.map { last in step.count.isEmpty ? "" : " (\(step.count), last \(time(last)))" } ?? ""
            return (time(step.at), step.kind.rawValue, printable(step.words) + count)
        }
        for warning in warnings { rows.append(("", "warning", printable(warning.text))) }
        for holder in holders.seen {
            let since = heldSince.map { ", since \(time($0)) or before" } ?? ""
            let how = holder.isMapping ? "mapped for writing by process" : "process"
            rows.append(("now", "held by", "\(printable(holder.name)) (\(how) \(holder.process)\(since))"))
        }
        if let unseenHolder { rows.append(("now", "held by", unseenHolder)) }
        for path in known.sameBytes { rows.append(("", "same bytes", printable(ManifestKey(path).text))) }
        if let next {
            let because = next.because.map { ": \(printable($0))" } ?? ""
            rows.append(("next", next.at.map(time) ?? "", printable(next.what) + because))
        }
        let width = rows.map(\.time.count).max() ?? 0
        let names = rows.map(\.name.count).max() ?? 0
        for row in rows {
            let time = row.time + String(repeating: " ", count: width - row.time.count)
            let name = row.name + String(repeating: " ", count: names - row.name.count)
            let first = "  \(time)  \(name)  "
            lines += Words.wrap(
                row.words,
                to: columns,
                first: first,
                indent: String(repeating: " ", count: first.count)
            )
        }
        return lines
    }
}
