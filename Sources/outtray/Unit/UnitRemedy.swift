import SystemPackage

/// What gives a service what it lacks: lines for its unit, or commands.
struct UnitRemedy: Equatable, Sendable {
    /// For a drop-in's section `[Service]`, in order.
    var lines: [String] = []
    /// For root's shell.
    var commands: [String] = []
    /// Where neither does: what a person has to decide.
    var advice: String?

    /// In one line; nil if there is nothing to do.
    var words: String? {
        let parts = [
            lines.isEmpty ? nil : "\(lines.joined(separator: "; ")) in the unit",
            commands.isEmpty ? nil : commands.joined(separator: " && "),
            advice,
        ]
        let given = parts.compactMap(\.self)
        return given.isEmpty ? nil : given.joined(separator: ", and ")
    }

    static func + (one: UnitRemedy, other: UnitRemedy) -> UnitRemedy {
        UnitRemedy(
            lines: one.lines + other.lines.filter { !one.lines.contains($0) },
            commands: one.commands + other.commands.filter { !one.commands.contains($0) },
            advice: one.advice ?? other.advice
        )
    }
}

extension UnitRemedy {
    /// The lines that let the service see a path that `place` hides, or write where `place` keeps it from it.
    ///
    /// `lists` has the lines for a list of which an entry is in the way.
    static func against(
        _ place: UnitView.Place,
        at path: FilePath,
        writes: Bool,
        _ settings: UnitSettings,
        _ lists: UnitLists
    ) -> UnitRemedy {
        let write = writes ? [line("ReadWritePaths", UnitText.word(path, prefix: "-"))] : []
        let bind = line(
            writes ? "BindPaths" : "BindReadOnlyPaths",
            UnitText.word(path, prefix: "-", isOfBind: true)
        )
        switch place.cause {
        case "ProtectHome=yes": return of(["ProtectHome=read-only"] + write)
        // The rest of the machine's /tmp stays out of sight.
        case "PrivateTmp=yes", "ProtectHome=tmpfs": return of([bind])
        case "PrivateDevices=yes", "DynamicUser=yes": return UnitRemedy(advice: "use another directory")
        default: break
        }
        switch place.mode {
        case .temporary: return of([bind])
        case .inaccessible: return of(lists.lines(settings.inaccessible) + write)
        case .readOnly where place.isInTheWay(of: path): return of(lists.lines(settings.readOnly) + write)
        case .bound where place.isReadOnly: return of(lists.lines(binds: settings.readOnlyBinds))
        case .bound, .covered, .readOnly, .readWrite, .left: return of(write)
        }
    }

    /// A setting with its value; nil if no unit file can hold the value.
    static func line(_ key: String, _ word: String?) -> String? { word.map { "\(key)=\($0)" } }

    /// The lines, or, if one of them cannot be written, what a person has to do. A place above would give too much.
    static func of(_ lines: [String?]) -> UnitRemedy {
        let whole = lines.compactMap(\.self)
        guard whole.count == lines.count else {
            return UnitRemedy(
                advice: "rename it: no unit file can name a path with a control character, or a byte that is not UTF-8"
            )
        }
        return UnitRemedy(lines: whole)
    }
}

extension UnitView.Place {
    /// Whether no further line helps at `path`, so that the entry itself has to go out of its list.
    func isInTheWay(of path: FilePath) -> Bool {
        switch mode {
        case .inaccessible: !isProtection
        case .readOnly: !isProtection && self.path == path
        case .bound: isReadOnly
        case .covered, .readWrite, .temporary, .left: false
        }
    }

    /// Whether it comes from a setting such as `ProtectHome=`, and not from a list.
    private var isProtection: Bool { cause.hasPrefix("Protect") }
}

/// Lists of a unit without the entries that are in the way. An empty line takes a list back; the rest follows again.
struct UnitLists {
    /// The entries that have to go, as the unit names them.
    var taken: Set<FilePath> = []
    /// Entries that are not there, and without which the service does not start.
    var absent: Set<FilePath> = []

    /// Nil stands for a line that no unit file can hold.
    func lines(_ paths: [UnitPath]) -> [String?] {
        guard let key = paths.first?.key else { return [] }
        let rest = paths.filter { !taken.contains($0.path) }
        return ["\(key)="]
            + rest.map { entry in
                let mark = entry.isOptional || absent.contains(entry.path) ? "-" : ""
                return UnitRemedy.line(key, UnitText.word(entry.path, prefix: mark))
            }
    }

    /// What was bound read-only is bound to be written.
    func lines(binds: [UnitBind]) -> [String?] {
        let lines = binds.map { bind in
            UnitRemedy.line(taken.contains(bind.target) ? "BindPaths" : "BindReadOnlyPaths", bind.word)
        }
        return ["BindReadOnlyPaths="] + lines
    }
}
