import Pipeline
import SystemPackage

/// The query of a request's URL: `?state=queued&limit=100`. Each name may stand once.
///
/// An endpoint names the parameters that it knows, so that a misspelled one is an error and not a wrong answer.
package struct ControlQuery: Sendable, Equatable {
    /// Values by name, as bytes: a path need not be UTF-8.
    private let values: [String: [UInt8]]

    package init() {
        values = [:]
    }

    /// - Throws: ``ControlError`` with the code `malformed`.
    init(_ text: some StringProtocol) throws(ControlError) {
        var values: [String: [UInt8]] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.bytes(parts[0]).flatMap({ String(validating: $0, as: UTF8.self) }),
                let value = parts.count > 1 ? Self.bytes(parts[1]) : []
            else {
                throw ControlError(
                    .malformed,
                    "the query has a % that no two hex digits follow",
                    hint: "write % as %25"
                )
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw ControlError(.invalid, "the parameter \(name) stands twice", hint: "give it once")
            }
        }
        self.values = values
    }

    /// In forms, a space is sent as `+` (the URL standard's `application/x-www-form-urlencoded`).
    private static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        PercentCode.decode(text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%20"))
    }

    /// - Throws: ``ControlError`` with the code `invalid` if the query has any other parameter.
    package func allow(_ names: String...) throws(ControlError) {
        for name in values.keys.sorted() where !names.contains(name) {
            throw ControlError(
                .invalid,
                "there is no parameter \(name)",
                hint: names.isEmpty ? "leave it out" : "the parameters are: \(names.joined(separator: ", "))"
            )
        }
    }

    /// The parameter's text; nil if it is not there.
    package func text(_ name: String) throws(ControlError) -> String? {
        guard let bytes = values[name] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ControlError(.invalid, "the parameter \(name) is no UTF-8", hint: "send UTF-8, percent-encoded")
        }
        return text
    }

    /// The parameter as an absolute path, of any bytes; nil if it is not there.
    package func path(_ name: String) throws(ControlError) -> FilePath? {
        guard let bytes = values[name] else { return nil }
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(0) else {
            throw ControlError(.invalid, "\(name) is no absolute path", hint: "begin it with /")
        }
        return FilePath(bytes: bytes)
    }

    /// The parameter as a whole number; nil if it is not there.
    package func number(_ name: String, in range: ClosedRange<Int64>) throws(ControlError) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw ControlError(
                .invalid,
                "\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)",
                hint: "send one"
            )
        }
        return number
    }

    /// The parameter as a value of a closed list; nil if it is not there.
    package func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        of type: Value.Type
    ) throws(ControlError) -> Value? where Value.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw ControlError(
                .invalid,
                "\(name) cannot be \(text)",
                hint: "it is one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return value
    }

    /// `true` or `1`, `false` or `0`; false if it is not there.
    package func flag(_ name: String) throws(ControlError) -> Bool {
        switch try text(name) {
        case nil, "0", "false": return false
        case "1", "true": return true
        case .some(let text):
            throw ControlError(.invalid, "\(name) cannot be \(text)", hint: "it is true or false")
        }
    }
}
