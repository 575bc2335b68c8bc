import Pipeline

/// The reason why a success of the API is of no use. It completes the sentence "answered 200 with …".
struct UnusableAnswer: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// The check of ids and addresses from an answer. They go unchanged into the manifest, into logs and to other programs.
enum Identifiers {
    /// In UTF-8 bytes. Real ones have some 200.
    private static let longest = 4096

    /// Refuses characters that do not print, line breaks, and more than 4 kB: no real id has them.
    static func check(_ identifiers: [String?]) throws(UnusableAnswer) {
        for case let identifier? in identifiers {
            guard identifier.utf8.count <= longest, !identifier.unicodeScalars.contains(where: PlainText.isHidden)
            else {
                throw UnusableAnswer("an id or address that has characters which no id has")
            }
        }
    }
}
