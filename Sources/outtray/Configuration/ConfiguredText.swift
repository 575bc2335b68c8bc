extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    /// Whether a line of a terminal or a log would not show it as it is.
    var hasControls: Bool { !unicodeScalars.allSatisfy(isPlain) }

    /// The beginning, where a message would be lost behind the whole.
    var cut: String { count <= 80 ? String(self) : "\(prefix(80))…" }
}
