/// A glob of git's wildmatch: for a path below a directory, or for a name.
///
/// `*`, `?` and sets match any byte but a slash. `**` between slashes, or at either end, also matches slashes.
///
/// Bytes are compared, so a name need not be UTF-8. The rules are those of `wildmatch.c` in git 2.39, with
/// `WM_PATHNAME`.
///
/// A match takes time in proportion to the glob's length times the path's, at most: see ``matches(_:)``.
struct Glob: Sendable, Equatable {
    private enum Token: Equatable {
        case byte(UInt8)
        case set(ByteSet)
        /// `*`: any bytes but slashes, or none.
        case run
        /// `**` at the end, or before an escaped slash: any bytes, or none.
        case deepRun
        /// `**/`: any directories, or none.
        case directories
    }

    private let tokens: [Token]
    private let ignoresCase: Bool

    /// Reads a glob. Nil if it can match nothing: a set does not end or names an unknown class, or a `\` is the last
    /// byte.
    ///
    /// `**` at the beginning counts as a component of its own. git hands over what follows a pattern's plain text. So
    /// `a**/b` matches `ax/y/b` there, other than its manual says.
    init?(_ glob: ArraySlice<UInt8>, ignoringCase: Bool) {
        var tokens: [Token] = []
        var rest = glob
        while let byte = rest.popFirst() {
            switch byte {
            case .backslash:
                guard let escaped = rest.popFirst() else { return nil }
                tokens.append(.byte(ignoringCase ? escaped.small : escaped))
            case UInt8(ascii: "?"): tokens.append(.set(Self.anything))
            case UInt8(ascii: "["):
                guard let set = GlobSet.read(&rest, ignoringCase: ignoringCase) else { return nil }
                tokens.append(.set(set))
            case .star:
                let begins = rest.startIndex - 1 == glob.startIndex || glob[rest.startIndex - 2] == .slash
                tokens.append(Self.stars(&rest, isComponent: begins))
            default: tokens.append(.byte(ignoringCase ? byte.small : byte))
            }
        }
        self.tokens = tokens
        ignoresCase = ignoringCase
    }

    /// Every byte but the slash.
    private static let anything: ByteSet = {
        var set = ByteSet()
        for byte in UInt8.min ... .max where byte != .slash { set.insert(byte) }
        return set
    }()

    /// Reads the stars behind a first one. `isComponent`: the first one begins the glob, or follows a slash.
    private static func stars(_ rest: inout ArraySlice<UInt8>, isComponent: Bool) -> Token {
        guard rest.first == .star else { return .run }
        rest = rest.drop { $0 == .star }
        guard isComponent else { return .run }
        if rest.first == .slash {
            rest.removeFirst()
            return .directories
        }
        return rest.isEmpty || rest.starts(with: [.backslash, .slash]) ? .deepRun : .run
    }

    /// Whether the glob matches all of the text.
    ///
    /// Only the last `*` and the last `**` are ever tried again. That is enough. What comes before the last `**` has
    /// matched as early as it can, and `**` may take up the rest. A `*` stays within its component, where the same
    /// holds. So a hostile glob such as `a*a*a*a*b` costs no more than its length for each byte.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        tokens.withUnsafeBufferPointer { match($0, text) }
    }

    private func match(_ tokens: UnsafeBufferPointer<Token>, _ text: UnsafeRawBufferPointer) -> Bool {
        /// Where to go on after the last `*` or `**`: the next token, and the text that it has not taken yet.
        var shallow: (token: Int, text: Int)?
        var deep: (token: Int, text: Int, isByComponent: Bool)?
        var (token, place) = (0, 0)
        while true {
            if token == tokens.count {
                if place == text.count { return true }
            } else {
                switch tokens[token] {
                case .run:
                    token += 1
                    shallow = (token, place)
                    continue
                case .deepRun, .directories:
                    let isByComponent = tokens[token] == .directories
                    token += 1
                    // Nothing follows that could fail.
                    if token == tokens.count, !isByComponent { return true }
                    deep = (token, place, isByComponent)
                    shallow = nil
                    continue
                case .byte(let byte):
                    if place < text.count, byte == (ignoresCase ? text[place].small : text[place]) {
                        (token, place) = (token + 1, place + 1)
                        continue
                    }
                case .set(let set):
                    if place < text.count, set.contains(text[place]) {
                        (token, place) = (token + 1, place + 1)
                        continue
                    }
                }
            }
            if let last = shallow, last.text < text.count, text[last.text] != .slash {
                shallow = (last.token, last.text + 1)
                (token, place) = (last.token, last.text + 1)
            } else if let last = deep,
                let next = last.isByComponent ? Self.component(after: last.text, in: text) : last.text + 1,
                next <= text.count
            {
                deep = (last.token, next, last.isByComponent)
                shallow = nil
                (token, place) = (last.token, next)
            } else {
                return false
            }
        }
    }

    /// Where the next component begins; nil if there is none.
    private static func component(after place: Int, in text: UnsafeRawBufferPointer) -> Int? {
        text[place...].firstIndex(of: .slash).map { $0 + 1 }
    }
}

/// A set in brackets, as wildmatch reads it.
private enum GlobSet {
    /// Reads a set whose `[` was read. Nil if the set does not end, or names an unknown class.
    ///
    /// The first byte belongs to the set, even a `]`. A slash never does.
    static func read(_ rest: inout ArraySlice<UInt8>, ignoringCase: Bool) -> ByteSet? {
        var members = ByteSet()
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        /// The byte that a range may begin with.
        var last: UInt8?
        var isFirst = true
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst { return finish(members, isNegated, ignoringCase) }
            isFirst = false
            switch byte {
            case .backslash:
                guard let escaped = rest.popFirst() else { return nil }
                members.insert(escaped)
                last = escaped
            case UInt8(ascii: "-"):
                guard let start = last, let next = rest.first, next != UInt8(ascii: "]") else {
                    members.insert(byte)
                    last = byte
                    continue
                }
                rest.removeFirst()
                guard let end = next == .backslash ? rest.popFirst() : next else { return nil }
                if start <= end { for member in start...end { members.insert(member) } }
                last = nil
            case UInt8(ascii: "[") where rest.first == UInt8(ascii: ":"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
                // Without the second colon, the bracket is a byte like any other.
                guard end - 1 > rest.startIndex, rest[end - 1] == UInt8(ascii: ":") else {
                    members.insert(byte)
                    last = byte
                    continue
                }
                let name = String(decoding: rest[(rest.startIndex + 1)..<(end - 1)], as: UTF8.self)
                guard let isMember = classes[name] else { return nil }
                for member in UInt8.min ... .max where isMember(member) { members.insert(member) }
                rest = rest[(end + 1)...]
                last = nil
            default:
                members.insert(byte)
                last = byte
            }
        }
        return nil
    }

    private static func finish(_ members: ByteSet, _ isNegated: Bool, _ ignoresCase: Bool) -> ByteSet {
        var set = ByteSet()
        for byte in UInt8.min ... .max where byte != .slash {
            let isMember =
                members.contains(byte)
                || ignoresCase && (members.contains(byte.small) || members.contains(byte.capital))
            if isMember != isNegated { set.insert(byte) }
        }
        return set
    }

    /// The classes that wildmatch knows. They have ASCII alone; `space` has no vertical tab and no form feed
    /// (`sane_ctype` in git's `ctype.c`).
    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isLetter($0) || isDigit($0) },
        "alpha": { isLetter($0) },
        "blank": { $0 == 32 || $0 == 9 },
        "cntrl": { $0 < 32 || $0 == 127 },
        "digit": { isDigit($0) },
        "graph": { (33...126).contains($0) },
        "lower": { (97...122).contains($0) },
        "print": { (32...126).contains($0) },
        "punct": { (33...126).contains($0) && !isLetter($0) && !isDigit($0) },
        "space": { [32, 9, 10, 13].contains($0) },
        "upper": { (65...90).contains($0) },
        "xdigit": { isDigit($0) || (97...102).contains($0.small) },
    ]

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte.small) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
