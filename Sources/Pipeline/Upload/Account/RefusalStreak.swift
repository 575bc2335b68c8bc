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
    /// How many believed refusals are remembered, to be taken back.
    private static let longestMemory = 64

    /// The refusals of the streak, in order, of one file each. At most ``length``.
    private var refusals: [Refusal] = []
    /// Files whose refusal was believed since the last upload, as another file had gone up. They are not of the streak,
    /// but in doubt once it is full: the service may have broken down again.
    private(set) var believed: [MediaFile] = []
    /// Whether a file went up since the account began or was opened again. Then refusals of a file are believed.
    private var isProven = false

    /// The files of the streak, in order. At most ``length``.
    var files: [MediaFile] { refusals.map(\.file) }

    /// Notes that a file went up.
    mutating func noteUpload() {
        self = RefusalStreak()
        isProven = true
    }

    /// Notes a refusal that is a verdict on its file (``ServiceRefusal``).
    mutating func noteVerdict(on file: MediaFile) {
        if believed.count < Self.longestMemory { believed.append(file) }
    }

    /// Takes a refusal of a file. Returns whether the streak is full, so that the whole account has to wait.
    mutating func takes(_ error: ProviderError, of file: MediaFile) -> Bool {
        guard let new = Refusal(error, of: file, isProven: isProven) else { return false }
        if let first = refusals.first, !new.isLike(first) { refusals = [] }
        if refusals.count < Self.length, !files.contains(where: { $0.path == file.path }) { refusals.append(new) }
        return refusals.count >= Self.length
    }
}

/// One refusal, as a ``RefusalStreak`` compares it with others.
private struct Refusal: Sendable {
    let file: MediaFile
    /// Nil for a refusal that says nothing of its file. All of these are alike, as a service that is broken may answer
    /// with one status now and another one then.
    private let words: RefusalWords?
    private let status: Int?

    /// Nil if the refusal concerns one file only, or the whole account anyway. A wrong folder of the provider
    /// (``MediaFile/library``) is a matter of the folder that names it.
    init?(_ error: ProviderError, of file: MediaFile, isProven: Bool) {
        if file.library != nil { return nil }
        guard error.kind.saysNothingOfFile || (error.kind == .refusedFile && !isProven) else { return nil }
        self.file = file
        status = error.status
        words = error.kind == .refusedFile ? RefusalWords(error.reason) : nil
    }

    func isLike(_ other: Refusal) -> Bool {
        guard let words, let others = other.words else { return words == nil && other.words == nil }
        return status == other.status && words.saySame(as: others, besidesThoseOf: [file, other.file])
    }
}
