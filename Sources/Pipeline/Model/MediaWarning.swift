/// Why a provider may be unable to use a file that goes up: a code for scripts, words for people.
package struct MediaWarning: Hashable, Sendable {
    /// The codes of an entry's `warnings`. Scripts rely on the raw values. A code of a later version is kept as it is.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package static let tooManyPixels = Code(rawValue: "too-many-pixels")
        package static let tooShort = Code(rawValue: "too-short")
        package static let tooLong = Code(rawValue: "too-long")
        package static let tooSmall = Code(rawValue: "too-small")
        /// A type that the provider takes, and does not name in what it publishes.
        package static let otherType = Code(rawValue: "other-type")
        /// A rule of the user could not be applied: the file does not tell its pixels or its duration.
        package static let unmeasured = Code(rawValue: "unmeasured")
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

    /// Nil for anything else.
    package init?(_ json: JSON) {
        guard let members = json.members, let code = members["code"]?.string,
            let text = members["text"]?.string
        else { return nil }
        self.init(Code(rawValue: code), text)
    }
}

extension [MediaWarning] {
    package var json: JSON { .array(map(\.json)) }

    /// Those that can be read.
    package init(_ json: JSON?) {
        self = (json?.elements ?? []).compactMap(MediaWarning.init)
    }
}
