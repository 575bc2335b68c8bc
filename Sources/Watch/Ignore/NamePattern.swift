import Glibc

/// One shell pattern of fnmatch(3) for names.
///
/// Nearly all patterns have a plain shape, such as `*.part`. Those are compared directly, as a scan asks a million
/// names for dozens of patterns. fnmatch(3) has the others.
struct NamePattern: Sendable, Equatable {
    private enum Shape: Equatable {
        case name([UInt8])
        /// The name begins and ends so, and the two do not overlap.
        case ends([UInt8], [UInt8])
        case other([CChar])
    }

    let text: String
    private let shape: Shape

    init(_ text: String) {
        self.text = text
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "*"), maxSplits: 2, omittingEmptySubsequences: false)
        shape =
            if bytes.contains(where: { [UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")].contains($0) }) {
                .other(Array(text.utf8CString))
            } else if parts.count == 1 {
                .name(bytes)
            } else if parts.count == 2 {
                .ends(Array(parts[0]), Array(parts[1]))
            } else {
                .other(Array(text.utf8CString))
            }
    }

    /// The first byte of each name that matches, and the last one. Nil where names differ there.
    var edges: (first: UInt8?, last: UInt8?) {
        switch shape {
        case .name(let bytes): return (bytes.first, bytes.last)
        case .ends(let beginning, let end): return (beginning.first, end.last)
        case .other(let pattern):
            guard let first = pattern.first.map(UInt8.init(bitPattern:)) else { return (nil, nil) }
            return ("*?[\\".utf8.contains(first) ? nil : first, nil)
        }
    }

    func matches(_ name: BorrowedName) -> Bool {
        switch shape {
        case .name(let bytes): name.count == bytes.count && name.hasPrefix(bytes)
        case .ends(let beginning, let end):
            name.count >= beginning.count + end.count && name.hasPrefix(beginning) && name.hasSuffix(end)
        case .other(let pattern): fnmatch(pattern, name.start, 0) == 0
        }
    }
}
