import SystemPackage

/// The words of a refusal, to be compared with those of another file's refusal.
///
/// A service may put the file's own name, type or size into its words. Two files that are refused for one cause then
/// read differently. Such words do not count, nor do numbers and their units.
struct RefusalWords: Hashable, Sendable {
    private let words: [String]

    init(_ reason: String) {
        words = Self.split(reason)
    }

    /// Whether two refusals say the same, but for the words that are of these files.
    ///
    /// The words of both files are left out on both sides. So a file that is named `too large.jpg` does not make its
    /// refusal differ.
    func saySame(as other: RefusalWords, besidesThoseOf files: [MediaFile]) -> Bool {
        let own = Set(files.flatMap(Self.words(of:)))
        return words.filter { !own.contains($0) } == other.words.filter { !own.contains($0) }
    }

    /// Names, type and kind of a file.
    private static func words(of file: MediaFile) -> [String] {
        [file.uploadName, file.path.string, file.mime.rawValue, file.kind.rawValue].flatMap(split)
    }

    private static let units: Set<String> = ["b", "byte", "bytes", "kb", "kib", "mb", "mib", "gb", "gib", "tb", "tib"]

    /// Words in lower case, without punctuation, words that have a digit, and units.
    private static func split(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            .filter { word in !word.contains(where: \.isNumber) && !units.contains(word) }
    }
}
