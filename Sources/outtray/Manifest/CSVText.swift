/// Rows of comma-separated values as RFC 4180 has them: lines end with CR LF, and a field is quoted where it must be.
enum CSVText {
    static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    /// Quoted if it holds a comma, a quotation mark or a line break. A quotation mark within is doubled.
    private static func field(_ text: String) -> String {
        // A carriage return and a line feed are one `Character`: bytes tell.
        guard text.utf8.contains(where: { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
