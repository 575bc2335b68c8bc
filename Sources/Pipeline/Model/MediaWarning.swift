/// Why a provider may be unable to use a file that goes up: a code for scripts, words for people.
package struct MediaWarning: Hashable, Sendable {
    /// The codes of an entry's `warnings`. Scripts rely on the raw values.
    package enum Code: String, Sendable, CaseIterable {
        case tooManyPixels = "too-many-pixels"
        case tooShort = "too-short"
        case tooLong = "too-long"
        case tooSmall = "too-small"
        /// A type that the provider takes, and does not name in what it publishes.
        case otherType = "other-type"
        /// A rule of the user could not be applied: the file does not tell its pixels or its duration.
        case unmeasured
    }

    package let code: Code
    /// Without a full stop at the end.
    package let text: String

    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }
}

extension MediaWarning {
    package var json: JSON { .object(["code": .string(code.rawValue), "text": .string(text)]) }

    /// Nil for anything else, and for a code of a later version.
    package init?(_ json: JSON) {
        guard let members = json.members, let code = members["code"]?.string.flatMap(Code.init(rawValue:)),
            let text = members["text"]?.string
        else { return nil }
        self.init(code, text)
    }
}

extension [MediaWarning] {
    package var json: JSON { .array(map(\.json)) }

    /// Those that can be read.
    package init(_ json: JSON?) {
        self = (json?.elements ?? []).compactMap(MediaWarning.init)
    }
}
