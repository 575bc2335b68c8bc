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

    /// The folder's name in the configuration: the directory's, as far as a name may have it.
    var folderName: String {
        let name = folder.lastComponent?.string ?? ""
        let plain = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let trimmed = plain.drop { $0 == "-" }
        return trimmed.isEmpty ? "inbox" : String(trimmed)
    }

    /// Why a key cannot be one; nil if it may be. Never has the key in it.
    static func trouble(withKey text: String) -> String? {
        let key = text.trimmed
        if key.isEmpty { return "the key is empty" }
        return key.allSatisfy { $0.isASCII && !$0.isWhitespace } && !key.hasControls
            ? nil : "a key is one word of plain characters"
    }

    /// The configuration. `keyFile`: where the key will lie.
    func yaml(keyFile: FilePath) -> String {
        var lines = ["# Written by `outtray setup`. All keys, with their defaults: docs/configuration.md."]
        if let stateDirectory { lines.append("state_dir: \(Self.quoted(stateDirectory.string))") }
        lines += ["accounts:", "  \(account):", "    provider: \(provider.rawValue)"]
        if key != nil { lines.append("    api_key_file: \(Self.quoted(keyFile.string))") }
        lines += settings.map { "    \($0.name): \(Self.quoted($0.value))" }
        lines += ["folders:", "  \(folderName):", "    path: \(Self.quoted(folder.string))", "    account: \(account)"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text that means the same to YAML, whatever is in it. JSON's strings are YAML's double-quoted ones.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
        }
        let begins = text.utf8.first.map { $0 == UInt8(ascii: "/") } ?? false
        return isPlain && begins ? text : JSON.string(text).json
    }
}
