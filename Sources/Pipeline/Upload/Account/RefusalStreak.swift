/// Whether an account's files are refused one like the other: then it is the service that is wrong (a bucket that is gone, a
/// storage with a wrong clock, another API), and no verdict on any of them.
///
/// A value; ``AccountLane`` tells it how each file ends. One file counts once, however often it is tried.
struct RefusalStreak: Sendable {
    /// So many files in a row are no accident: with two, one bad file beside another's bad luck would stop an account.
    static let length = 3

    /// What makes two refusals alike.
    private struct Likeness: Hashable {
        let kind: ProviderError.Kind
        let status: Int?
        /// Only of what is said of a file itself: there, other words are another fault.
        let words: String?
    }

    private var likeness: Likeness?
    /// The files that were refused like that, in order; no more than make a streak.
    private(set) var files: [MediaFile] = []
    /// A file went up since the account began, or was opened again: then what is said of a file is believed.
    private var isProven = false

    /// A file went up.
    mutating func noteUpload() {
        self = RefusalStreak()
        isProven = true
    }

    /// Takes a refusal of a file. Returns whether it is one too many of its like, so that the whole account has to wait.
    mutating func takes(_ error: ProviderError, of file: MediaFile) -> Bool {
        guard let new = Self.likeness(of: error, isProven: isProven) else { return false }
        if new != likeness {
            likeness = new
            files = []
        }
        if files.count < Self.length, !files.contains(where: { $0.path == file.path }) { files.append(file) }
        return files.count >= Self.length
    }

    /// Nil for what is a matter of one file, or of the whole account anyway.
    private static func likeness(of error: ProviderError, isProven: Bool) -> Likeness? {
        switch error.kind {
        // What a storage says of a URL, and an answer that lacks something, is hardly ever the file's fault.
        case .refusedTicket, .expiredTicket, .unexpectedAnswer:
            Likeness(kind: error.kind, status: error.status, words: nil)
        case .refusedFile where !isProven: Likeness(kind: error.kind, status: error.status, words: error.reason)
        default: nil
        }
    }
}
