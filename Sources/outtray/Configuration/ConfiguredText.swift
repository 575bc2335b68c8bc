extension StringProtocol {
    /// The text without white space at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    /// Whether a line of a terminal or a log would not show the text as it is.
    var hasControls: Bool { !unicodeScalars.allSatisfy(isPlain) }

    /// The beginning of a long text, so that it does not drown the message.
    var cut: String { count <= 80 ? String(self) : "\(prefix(80))…" }
}
