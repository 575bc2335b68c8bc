/// Why a file cannot go up as it is: a code for scripts, a reason for people.
package struct Rejection: Hashable, Sendable, Codable {
    /// The codes of the manifest's `rejected`; scripts rely on the raw values.
    package enum Code: String, Sendable, Codable, CaseIterable {
        case unsupportedType = "unsupported-type"
        case tooLarge = "too-large"
        case empty
        case unreadable
        /// A cut copy, a recording that broke off, or zeros alone.
        case incomplete
        /// Against a rule that the user set, of pixels or duration.
        case unsuitable
        case refusedByProvider = "refused-by-provider"
    }

    package var code: Code
    /// For people, without a full stop at the end. It names what the file is, and what is wanted.
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
