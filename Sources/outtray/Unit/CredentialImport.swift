import Glibc
import SystemPackage

/// An entry of `ImportCredential=`: credentials that systemd takes from its stores, by a pattern of their names
/// (systemd.exec(5)). `PATTERN:NAME` gives them other names: what stands before a final `*` becomes NAME.
struct CredentialImport: Equatable, Sendable {
    let pattern: String
    /// Nil if they keep their names.
    let name: String?

    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        pattern = parts[0]
        name = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
    }

    /// What a credential is called in the store; nil if the entry brings no credential of that name.
    func stored(as credential: String) -> String? {
        guard let name else { return fnmatch(pattern, credential, FNM_NOESCAPE) == 0 ? credential : nil }
        guard pattern.hasSuffix("*") else { return credential == name ? pattern : nil }
        guard credential.hasPrefix(name) else { return nil }
        return String(pattern.dropLast()) + credential.dropFirst(name.count)
    }

    /// Where systemd looks for them.
    static let stores: [FilePath] = [
        "/etc/credstore", "/etc/credstore.encrypted", "/run/credstore", "/run/credstore.encrypted",
        "/usr/local/lib/credstore", "/usr/local/lib/credstore.encrypted", "/usr/lib/credstore",
        "/usr/lib/credstore.encrypted", "/run/credentials/@system", "/run/credentials/@encrypted",
    ]
}
