/// Why a file cannot go up as it is: a code for scripts, a reason for people.
package struct Rejection: Hashable, Sendable, Codable {
    /// The codes of the manifest's `rejected`; scripts rely on the raw values.
    package enum Code: String, Sendable, Codable, CaseIterable {
        case unsupportedType = "unsupported-type"
        case tooLarge = "too-large"
        case empty
        case unreadable
        case refusedByProvider = "refused-by-provider"
    }

    package var code: Code
    /// One sentence without a full stop: it names the file's type and the accepted ones.
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
