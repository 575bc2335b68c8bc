/// Whether an account's files are refused one like the other. Then the service is at fault, and the refusals are no
/// verdict on any file.
///
/// Causes are a bucket that is gone, a storage with a wrong clock, or another API.
///
/// A value; ``AccountLane`` reports how each file ends. One file counts once, however often it is tried.
struct RefusalStreak: Sendable {
    /// This many files in a row are no accident. With two, one bad file beside a second one's bad luck would stop the
    /// account.
    static let length = 3

    /// What makes two refusals alike.
    private struct Likeness: Hashable {
        let kind: ProviderError.Kind
        let status: Int?
        /// Only for refusals of a file itself. There, other words mean another fault.
        let words: String?
    }

    private var likeness: Likeness?
    /// The files of the streak, in order. At most ``length``.
    private(set) var files: [MediaFile] = []
    /// Whether a file went up since the account began or was opened again. Then refusals of a file are believed.
    private var isProven = false

    /// Notes that a file went up.
    mutating func noteUpload() {
        self = RefusalStreak()
        isProven = true
    }

    /// Takes a refusal of a file. Returns whether the streak is full, so that the whole account has to wait.
    mutating func takes(_ error: ProviderError, of file: MediaFile) -> Bool {
        guard let new = Self.likeness(of: error, isProven: isProven) else { return false }
        if new != likeness {
            likeness = new
            files = []
        }
        if files.count < Self.length, !files.contains(where: { $0.path == file.path }) { files.append(file) }
        return files.count >= Self.length
    }

    /// Nil if the refusal concerns one file only, or the whole account anyway.
    private static func likeness(of error: ProviderError, isProven: Bool) -> Likeness? {
        switch error.kind {
        // A storage's complaint about a URL is hardly ever the file's fault. Nor is an answer that lacks something.
        case .refusedTicket, .expiredTicket, .unexpectedAnswer:
            Likeness(kind: error.kind, status: error.status, words: nil)
        case .refusedFile where !isProven: Likeness(kind: error.kind, status: error.status, words: error.reason)
        default: nil
        }
    }
}
