import Pipeline
import Providers
import SystemPackage

/// What somebody wants who sets up Outtray: one account and one folder.
///
/// A value without terminal or disk, so each rule is tested by calling it.
struct SetupAnswers: Sendable {
    var provider: AccountProvider
    /// The account's name in the configuration.
    var account: String
    /// By their keys in the configuration, such as `account_id`.
    var settings: [(name: String, value: String)] = []
    /// Nil for a provider without keys.
    var key: Secret?
    var folder: FilePath
    /// Nil for the default, which goes by who runs the service.
    var stateDirectory: FilePath?

    /// The account's name where none is given.
    static func account(of provider: AccountProvider) -> String {
        switch provider {
        case .known(.postbreeze): "main"
        case .known(.connectsafely): "linkedin"
        case .sandbox: "sandbox"
        }
    }

    /// The configuration that is there already, with neither accounts nor folders.
    struct Present {
        let bytes: [UInt8]
        fileprivate let text: String
        /// The keys that it has.
        fileprivate let keys: Set<String>

        /// - Throws: ``SetupFailure`` if the configuration is in use, or cannot be added to.
        init(_ bytes: [UInt8], file: String) throws(SetupFailure) {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SetupFailure("\(file) is there, and not UTF-8 text: mend it first")
            }
            let members: [String]
            do throws(ConfigurationProblems) {
                members = try ConfigurationNode.root(ofYAML: text).members?.map(\.name) ?? ["?"]
            } catch {
                throw SetupFailure("\(file) is there, and no valid YAML: mend it first")
            }
            if !Set(members).isDisjoint(with: ["accounts", "folders", "?"]) {
                throw SetupFailure("\(file) has accounts or folders already: edit it, then: outtray check")
            }
            (self.bytes, self.text, keys) = (bytes, text, Set(members))
        }
    }

    /// The folder's name in the configuration: the directory's, as far as a name may have it.
    var folderName: String {
        let name = folder.lastComponent?.string ?? ""
        let plain = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let trimmed = plain.drop { $0 == "-" }.prefix(60)
        return trimmed.isEmpty ? "inbox" : String(trimmed)
    }

    /// Why a key cannot be one; nil if it may be. Never has the key in it.
    static func trouble(withKey text: String) -> String? {
        let key = text.trimmed
        if key.isEmpty { return "the key is empty" }
        return key.allSatisfy { $0.isASCII && !$0.isWhitespace } && !key.hasControls
            ? nil : "a key is one word of plain characters"
    }

    /// The configuration. `keyFile`: where the key will lie. What is there stays, and this comes after it.
    func yaml(keyFile: FilePath, after present: Present? = nil) -> String {
        var lines = ["# Written by `outtray setup`. All keys, with their defaults: docs/configuration.md."]
        if let stateDirectory, present?.keys.contains("state_dir") != true {
            lines.append("state_dir: \(Self.quoted(stateDirectory.string))")
        }
        lines += ["accounts:", "  \(Self.quoted(account)):", "    provider: \(provider.rawValue)"]
        if key != nil { lines.append("    api_key_file: \(Self.quoted(keyFile.string))") }
        lines += settings.map { "    \($0.name): \(Self.quoted($0.value))" }
        lines += ["folders:", "  \(Self.quoted(folderName)):", "    path: \(Self.quoted(folder.string))"]
        lines.append("    account: \(Self.quoted(account))")
        let own = lines.joined(separator: "\n") + "\n"
        guard let text = present?.text, !text.isEmpty else { return own }
        return text + (text.hasSuffix("\n") ? "\n" : "\n\n") + own
    }

    /// Words that are no texts to YAML 1.1.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// A text that means the same to YAML, whatever is in it. JSON's strings are YAML's double-quoted ones.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/._-".unicodeScalars.contains(scalar))
        }
        let begins = text.unicodeScalars.first.map { $0 == "/" || $0.properties.isAlphabetic } ?? false
        return isPlain && begins && !reserved.contains(text.lowercased()) ? text : JSON.string(text).json
    }
}
