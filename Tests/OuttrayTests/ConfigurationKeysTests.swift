import Testing

@testable import outtray

/// The code, the tables of the documentation and the shipped configuration name the same keys and defaults.
///
/// Manual pages are made from the tables.
@Suite struct ConfigurationKeysTests {
    private let table: KeyTable

    init() throws { table = try KeyTable() }

    /// Keys whose members stand in the tables in their place.
    private static let containers: Set<String> = [
        "manifest", "accounts", "folders", "listen.tls", "fleet.when_unreachable",
    ]

    /// A configuration with an unknown key wherever one can be: each is answered by those that are known there.
    private static let everywhere = """
        nonsense: 1
        manifest: {nonsense: 1}
        listen: {serve: [page], nonsense: 1, tls: {nonsense: 1}}
        fleet: {database: d, nonsense: 1, when_unreachable: {nonsense: 1}}
        on_uploaded: [{name: h, run: [/x], nonsense: 1}]
        accounts: {a: {provider: sandbox, nonsense: 1, limits: {nonsense: 1, video: {nonsense: 1}, image: {nonsense: 1}}}}
        folders: {f: {path: /f, account: a, nonsense: 1, limits: {nonsense: 1, document: {nonsense: 1}}}}
        """

    /// The whole names of all keys that the code reads, sorted.
    private func read() throws -> Set<String> {
        var names: Set<String> = []
        do throws(ConfigurationError) {
            _ = try Configuration.read(Self.everywhere, file: "o.yaml", environment: ["HOME": "/h"])
            Issue.record("unknown keys were taken")
        } catch {
            for problem in error.problems {
                guard let known = problem.known else { continue }
                var group = problem.key.split(separator: ".").dropLast().map(String.init)
                if group.count > 1, ["accounts", "folders"].contains(group[0]) { group[1] = "NAME" }
                if group.first?.hasPrefix("on_") == true { group = ["HOOK"] }
                // The kinds have keys of their own, which depend on the kind.
                if let limits = group.firstIndex(of: "limits") {
                    group = limits == group.count - 1 ? group : ["limits", "KIND"]
                }
                names.formUnion(known.map { (group + [$0]).joined(separator: ".") })
            }
        }
        return names
    }

    @Test func `each key that is read is in the tables, and each key of the tables is read`() throws {
        let names = try read()
        let kinds = names.filter { $0.contains(".limits.") }

        #expect(names.count > 50, "\(names.sorted())")
        #expect(names.subtracting(kinds).subtracting(Self.containers).symmetricDifference(table.rows.keys) == [])
        #expect(Self.containers.isSubset(of: names))
        for kind in kinds where kind.hasPrefix("accounts.") {
            let word = "`\(kind.split(separator: ".").last ?? "")`"
            #expect(table.rows["accounts.NAME.limits"]?.meaning.contains(word) == true, "\(kind)")
        }
    }

    @Test func `each key of the tables is in the shipped configuration, which has no other`() throws {
        let shown = try ShippedConfiguration().settings
        let names = Set(shown.map(\.name))
        let groups = Self.containers.union(["accounts.NAME", "folders.NAME"])

        // Not each trigger of a hook and not each rule of a limit has an example; the words above them name all.
        let missing = table.rows.keys.filter { key in
            !names.contains(key) && !key.contains("on_") && !key.hasPrefix("limits.") && key != "HOOK.run"
        }
        #expect(missing.sorted() == [])
        let unknown = shown.filter { setting in
            !setting.isExample && table.rows[setting.name] == nil && !groups.contains(setting.name)
                && !setting.name.contains(".limits.")
        }
        #expect(unknown.map(\.name) == [])
        let text = try KeyTable.text("etc/outtray.yaml")
        for key in table.rows.keys where key.contains("on_") || key.hasPrefix("limits.") {
            let word = String(key.split(separator: ".").last ?? "")
            #expect(text.contains(word), "\(key)")
        }
    }

    @Test func `the shipped configuration explains the defaults of the tables`() throws {
        let settings = try ShippedConfiguration().settings
        var told = 0
        for (name, row) in table.rows {
            guard let setting = settings.first(where: { $0.name == name }) else { continue }
            let words = row.standard == "required" ? "Required." : row.value.map { "Default: \($0)." }
            guard let words else { continue }
            told += 1
            // The first example of a name is one of several.
            #expect(setting.explanation.contains(words), "\(name): \(words) is not in: \(setting.explanation)")
        }
        #expect(told > 25, "\(told)")
    }

    /// With `extra` in the mapping of a group.
    private func yaml(_ group: String = "", _ extra: String = "") -> String {
        func slot(_ name: String) -> String { name == group && !extra.isEmpty ? ", \(extra)" : "" }
        let unreachable = group == "fleet.when_unreachable" ? ", when_unreachable: {\(extra)}" : ""
        return """
            state_dir: /s
            fleet: {database: d\(slot("fleet"))\(unreachable)}
            accounts: {a: {provider: postbreeze, api_key_file: /k\(slot("accounts.NAME"))}}
            folders: {f: {path: /f, account: a\(slot("folders.NAME"))}}
            listen: {serve: [metrics]\(slot("listen"))}
            on_ready: [{name: h, webhook: "https://hooks.example/"\(slot("HOOK"))}]
            \(group == "manifest" ? "manifest: {\(extra)}" : group.isEmpty ? extra : "")
            """
    }

    /// All of a value but its places in the file.
    private func described(_ value: Any) -> String {
        let children = Mirror(reflecting: value).children.filter { $0.label != "places" }
        if children.isEmpty { return "\(value)" }
        return "(" + children.map { "\($0.label ?? "") \(described($0.value))" }.joined(separator: ", ") + ")"
    }

    @Test func `to give a key the default of the tables changes nothing`() throws {
        let plain = try Configuration.read(yaml(), file: "o.yaml", environment: [:])
        var given = 0
        for (name, row) in table.rows {
            guard let value = row.value else { continue }
            let parts = name.split(separator: ".").map(String.init)
            let group = parts.dropLast().joined(separator: ".")
            let text = yaml(group, "\(parts.last ?? ""): \(value)")

            let configuration = try Configuration.read(text, file: "o.yaml", environment: [:])

            #expect(described(configuration) == described(plain), "\(name): \(value)")
            given += 1
        }
        #expect(given > 20, "\(given)")
    }
}
