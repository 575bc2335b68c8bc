import SystemPackage

/// The ending of a folder's markers: with `.done`, `photo.jpg.done` says that `photo.jpg` is whole.
///
/// A file is a marker by its name alone. It never goes up. The names are bytes, and capitals and small letters differ.
package struct DoneSuffix: Hashable, Sendable {
    package let text: String
    /// For lists of names. Equal for equal texts.
    package let names: NamePatterns

    /// Nil for a text that no name can end with, or that is not clearly an ending; see ``trouble(with:)``.
    package init?(_ text: String) {
        guard Self.trouble(with: text) == nil else { return nil }
        self.text = text
        names = NamePatterns(["*\(text)"])
    }

    /// What is wrong with an ending; nil if it is sound.
    ///
    /// Characters with a meaning in shell patterns are refused, so that nobody takes the text for a pattern.
    package static func trouble(with text: String) -> String? {
        if text.isEmpty { return "each file would be a marker" }
        if text.unicodeScalars.contains(where: { "/*?[]{}\\".unicodeScalars.contains($0) }) {
            return "it is the ending itself, and no pattern or path: write .done"
        }
        if text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            return "it has a control character"
        }
        if text.utf8.count > longest { return "it has more than \(longest) bytes" }
        guard let first = text.first, [".", "-", "_"].contains(first) else {
            return "an ending begins with a dot, - or _: write .\(text)"
        }
        return text.allSatisfy { $0 == "." } ? "it has nothing but dots" : nil
    }

    /// In bytes.
    private static let longest = 64

    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    package func isMarker(_ name: FilePath.Component) -> Bool { names.match(name) }

    func isMarker(_ name: BorrowedName) -> Bool { names.match(name) }
}
