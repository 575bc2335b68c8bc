import CLinux
import Glibc

/// How many columns of a terminal a text takes.
///
/// wcwidth(3) answers −1 for all that is not ASCII until the process has a UTF-8 locale (setlocale(3)).
package enum DisplayWidth {
    /// Takes a UTF-8 locale for this process. C.UTF-8 is part of glibc since 2.35, and of Debian before.
    package static func begin() { setlocale(LC_CTYPE, "C.UTF-8") }

    package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// A character is as wide as its widest scalar: a letter with an accent, an emoji of several scalars.
    static func of(_ character: Character) -> Int {
        character.unicodeScalars.reduce(0) { width, scalar in
            max(width, Int(max(0, clinux_width(scalar.value))))
        }
    }

    /// The text, cut in the middle if it is wider. Its end tells most of a file's name, its beginning the place.
    package static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 1 else { return width == 1 ? "…" : "" }
        let left = (width - 1) / 2
        let head = prefix(text, left)
        let tail = String(prefix(String(text.reversed()), width - 1 - of(head)).reversed())
        return "\(head)…\(tail)"
    }

    /// The longest beginning that takes no more columns.
    private static func prefix(_ text: String, _ width: Int) -> String {
        var taken = 0
        return String(
            text.prefix { character in
                taken += of(character)
                return taken <= width
            }
        )
    }

    /// The text with spaces behind it, or before it, up to a width.
    package static func pad(_ text: String, to width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - of(text)))
        return right ? space + text : text + space
    }
}
