/// One pattern of gitignore(5), below the directory that its list belongs to.
struct GitignorePattern: Sendable, Equatable {
    private enum Shape: Equatable {
        /// The pattern can match nothing.
        case never
        case text([UInt8])
        /// `*` and then plain text; for names alone.
        case ending([UInt8])
        /// Plain text, and then a glob.
        case glob([UInt8], Glob)
    }

    /// As it was written, without the spaces at its end.
    let text: [UInt8]
    /// The line in its file, from 1; the index in a list of the configuration, from 0.
    let number: Int
    /// Whether it begins with `!`: what it matches is not ignored.
    let isNegated: Bool
    /// Whether it ends with a slash.
    let isForDirectories: Bool
    /// Whether it has a slash before its end. If so, it is compared with the path below its directory, otherwise with
    /// the name.
    let isForPaths: Bool
    private let shape: Shape
    private let ignoresCase: Bool

    /// Reads a pattern. Follows `parse_path_pattern` and `match_pathname` in git's `dir.c`.
    init(_ text: [UInt8], number: Int, ignoringCase: Bool) {
        self.text = text
        self.number = number
        ignoresCase = ignoringCase
        var body = text[...]
        isNegated = body.first == UInt8(ascii: "!")
        if isNegated { body.removeFirst() }
        isForDirectories = body.last == .slash
        if isForDirectories { body.removeLast() }
        isForPaths = body.contains(.slash)
        if isForPaths, body.first == .slash { body.removeFirst() }
        shape = Self.shape(body, isForPaths: isForPaths, ignoringCase: ignoringCase)
    }

    private static func shape(_ body: ArraySlice<UInt8>, isForPaths: Bool, ignoringCase: Bool) -> Shape {
        let plain = body.prefix { !isSpecial($0) }
        let small = { (bytes: ArraySlice<UInt8>) in ignoringCase ? bytes.map(\.small) : Array(bytes) }
        if plain.count == body.count { return body.isEmpty ? .never : .text(small(body)) }
        if !isForPaths, body.first == .star, !body.dropFirst().contains(where: isSpecial) {
            return .ending(small(body.dropFirst()))
        }
        guard let glob = Glob(body[plain.endIndex...], ignoringCase: ignoringCase) else { return .never }
        return .glob(small(plain), glob)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { "*?[\\".utf8.contains(byte) }

    /// The first byte of each text that matches, and the last one. Nil where texts differ there. With small letters, if
    /// the pattern ignores case.
    var edges: (first: UInt8?, last: UInt8?) {
        switch shape {
        // No name has this first byte.
        case .never: (0, nil)
        case .text(let text): (text.first, nil)
        case .ending(let end): (nil, end.last)
        case .glob(let plain, _): (plain.first, nil)
        }
    }

    /// Whether the pattern matches a name, or a path below its directory. A slash at its end is not looked at.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch shape {
        case .never: false
        case .text(let own): own.count == text.count && begins(text, own)
        case .ending(let end):
            end.count <= text.count && begins(UnsafeRawBufferPointer(rebasing: text[(text.count - end.count)...]), end)
        case .glob(let plain, let glob):
            plain.count <= text.count && begins(text, plain)
                && glob.matches(UnsafeRawBufferPointer(rebasing: text[plain.count...]))
        }
    }

    private func begins(_ text: UnsafeRawBufferPointer, _ own: [UInt8]) -> Bool {
        if ignoresCase { return own.indices.allSatisfy { text[$0].small == own[$0] } }
        return own.indices.allSatisfy { text[$0] == own[$0] }
    }
}
