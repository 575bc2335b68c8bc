import Pipeline

/// A content of an account: a row of `outtray.contents`.
struct ContentKey: Hashable, Sendable {
    /// The fleet's name for the account.
    let account: String
    let sha256: SHA256Digest
}

extension [ContentKey] {
    /// Two parameters: the accounts and the digests.
    var parameters: [Parameter] {
        [.texts(map(\.account)), .byteStrings(map(\.sha256.bytes))]
    }
}
