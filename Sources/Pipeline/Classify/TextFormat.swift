/// Texts with a typical beginning: HTML, SVG and other XML, JSON.
enum TextFormat {
    static func type(of head: FileHead) -> MediaType? {
        let start = head.has([0xEF, 0xBB, 0xBF], at: 0) ? 3 : 0
        let rest = head.bytes[start...].drop(while: isWhitespace)
        guard let first = rest.first else { return nil }
        return first == UInt8(ascii: "<") ? markup(rest) : json(rest, head)
    }

    private static func markup(_ rest: ArraySlice<UInt8>) -> MediaType? {
        let isXML = rest.starts(with: "<?xml".utf8)
        switch rootElement(of: rest) {
        case let name? where name == "svg" || name.hasSuffix(":svg"):
            return .other("image/svg+xml", "an SVG drawing")
        default:
            if isXML { return .other("text/xml", "an XML document") }
            return isHTML(rest) ? .other("text/html", "an HTML page") : nil
        }
    }

    /// Whether a tag of the WHATWG MIME Sniffing Standard, 7.1, comes first. The tag may be in any case, and a space or
    /// `>` must follow. A comment counts, too.
    private static func isHTML(_ rest: ArraySlice<UInt8>) -> Bool {
        if rest.starts(with: "<!--".utf8) { return true }
        return tags.contains { tag in
            guard rest.count > tag.count, zip(rest, tag).allSatisfy({ lowered($0) == $1 }) else { return false }
            return [UInt8(ascii: " "), UInt8(ascii: ">")].contains(rest[rest.startIndex + tag.count])
        }
    }

    private static let tags = [
        "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
        "<title", "<b", "<body", "<br", "<p",
    ].map { [UInt8]($0.utf8) }

    /// The name of the first element, in lower case. Skips processing instructions, comments and a document type.
    private static func rootElement(of text: ArraySlice<UInt8>) -> String? {
        var rest = text
        while rest.first == UInt8(ascii: "<") {
            if rest.starts(with: "<?".utf8) {
                rest = after("?>", in: rest)
            } else if rest.starts(with: "<!--".utf8) {
                rest = after("-->", in: rest)
            } else if rest.starts(with: "<!".utf8) {
                // A document type puts declarations of its own in brackets.
                let declaration = rest.prefix { $0 != UInt8(ascii: ">") }
                rest = after(declaration.contains(UInt8(ascii: "[")) ? "]>" : ">", in: rest)
            } else {
                let name = rest.dropFirst().prefix {
                    !isWhitespace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/")
                }
                return String(decoding: name.map(lowered), as: UTF8.self)
            }
            rest = rest.drop(while: isWhitespace)
        }
        return nil
    }

    /// The text after `mark`. Empty if there is no `mark`.
    private static func after(_ mark: String, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = text
        while !rest.isEmpty {
            if rest.starts(with: mark.utf8) { return rest.dropFirst(mark.utf8.count) }
            rest = rest.dropFirst()
        }
        return rest
    }

    /// JSON begins with `{` and a name, or with `[` and an object, a list or a string. An empty object counts, too. A
    /// line that begins with "[note]" is no JSON.
    private static func json(_ rest: ArraySlice<UInt8>, _ head: FileHead) -> MediaType? {
        guard head.isText, let second = rest.dropFirst().drop(while: isWhitespace).first else { return nil }
        let followers: [UInt8: String] = [UInt8(ascii: "{"): "\"}", UInt8(ascii: "["): "{[\"]"]
        guard let first = rest.first, let expected = followers[first], expected.utf8.contains(second) else {
            return nil
        }
        return .other("application/json", "a JSON text")
    }

    /// The whitespace bytes of the WHATWG MIME Sniffing Standard.
    private static func isWhitespace(_ byte: UInt8) -> Bool {
        [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains(byte)
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
