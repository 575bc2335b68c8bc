import Pipeline

/// Why a success of the API is of no use; the reason goes into "answered 200 with …".
struct UnusableAnswer: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// Ids and addresses out of an answer, which go into the manifest, into logs and to other programs as they are.
enum Identifiers {
    /// In UTF-8 bytes; real ones have some 200.
    private static let longest = 4096

    /// Refuses what no id has: characters that do not print, ends of lines, and more than 4 kB.
    static func check(_ identifiers: [String?]) throws(UnusableAnswer) {
        for case let identifier? in identifiers {
            guard identifier.utf8.count <= longest, !identifier.unicodeScalars.contains(where: PlainText.isHidden)
            else {
                throw UnusableAnswer("an id or address that has characters which no id has")
            }
        }
    }
}
