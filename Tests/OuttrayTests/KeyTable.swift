import Foundation
import SystemPackage

/// The tables of keys in `docs/configuration.md` and `docs/hooks.md`, from which the manual page is made.
struct KeyTable {
    struct Row {
        let type: String
        let standard: String
        let meaning: String

        /// The default, if it is a value as a configuration has it.
        var value: String? {
            let parts = standard.split(separator: "`", omittingEmptySubsequences: false)
            return parts.count == 3 && parts[0].isEmpty && parts[2].isEmpty ? String(parts[1]) : nil
        }
    }

    /// By whole name, such as `accounts.NAME.rate`; those of a hook begin with `HOOK.`.
    private(set) var rows: [String: Row] = [:]

    static func text(_ path: String) throws -> String {
        let root = FilePath(#filePath).removingLastComponent().pushing("../..")
        return try String(contentsOfFile: root.pushing(FilePath(path)).string, encoding: .utf8)
    }

    init() throws {
        try read("docs/configuration.md", prefix: "")
        try read("docs/hooks.md", prefix: "HOOK.")
    }

    private mutating func read(_ page: String, prefix: String) throws {
        var prefix = prefix
        var isTable = false
        for line in try Self.text(page).split(separator: "\n", omittingEmptySubsequences: false) {
            if let found = line.firstMatch(of: /, `([A-Za-z.]+)…`:$/) { prefix = String(found.1) }
            if line == "| key | type | default | meaning |" {
                isTable = true
            } else if !line.hasPrefix("|") {
                isTable = false
            } else if isTable, !line.hasPrefix("|---") {
                let cells = line.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
                guard cells.count == 4 else { throw Malformed(line: String(line)) }
                for name in cells[0].matches(of: /`([^`]+)`/) {
                    rows[prefix + name.1] = Row(type: cells[1], standard: cells[2], meaning: cells[3])
                }
            }
        }
    }

    /// A row that has not a key, a type, a default and a meaning.
    struct Malformed: Error {
        let line: String
    }
}

/// The settings that `etc/outtray.yaml` shows: those behind one `#`, and examples in its explanations.
struct ShippedConfiguration {
    struct Setting {
        let name: String
        /// The explanation above it, on one line.
        let explanation: String
        /// Whether it stands within an explanation.
        let isExample: Bool
    }

    let settings: [Setting]

    init() throws {
        var settings: [Setting] = []
        var stack: [(indent: Int, name: String)] = []
        var explanation = ""
        for line in try KeyTable.text("etc/outtray.yaml").split(separator: "\n", omittingEmptySubsequences: false) {
            let isExplanation = line.hasPrefix("##")
            let content = line.drop { $0 == "#" }
            guard let found = content.prefixMatch(of: /( *)(- )?([a-z_]+):(\ |$)/), line != "" else {
                explanation = isExplanation ? "\(explanation) \(content.trimmingCharacters(in: .whitespaces))" : ""
                continue
            }
            // An example in an explanation is two columns further in.
            let indent = found.1.count + (found.2?.count ?? 0) - (isExplanation ? 2 : 0)
            let above = stack.filter { $0.indent < indent }
            let name = (above.map(\.name) + [String(found.3)]).joined(separator: ".")
            settings.append(Setting(name: Self.general(name), explanation: explanation, isExample: isExplanation))
            if !isExplanation {
                stack = above + [(indent, String(found.3))]
                explanation = ""
            }
        }
        self.settings = settings
    }

    /// With `NAME` and `HOOK` for names of somebody's choice.
    private static func general(_ name: String) -> String {
        var parts = name.split(separator: ".").map(String.init)
        if parts.count > 1, ["accounts", "folders"].contains(parts[0]) { parts[1] = "NAME" }
        if parts.count > 1, parts[0].hasPrefix("on_") { parts = ["HOOK"] + parts.dropFirst() }
        return parts.joined(separator: ".")
    }
}
