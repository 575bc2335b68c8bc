import Pipeline
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
        let write = writes ? ["ReadWritePaths=\(UnitText.word(path, prefix: "-"))"] : []
        let bind = "\(writes ? "BindPaths" : "BindReadOnlyPaths")=\(UnitText.word(path, prefix: "-"))"
        switch place.cause {
        case "ProtectHome=yes": return UnitRemedy(lines: ["ProtectHome=read-only"] + write)
        case "PrivateTmp=yes" where !settings.isDynamicUser: return UnitRemedy(lines: ["PrivateTmp=no"] + write)
        case "PrivateTmp=yes", "ProtectHome=tmpfs": return UnitRemedy(lines: [bind])
        case "PrivateDevices=yes", "DynamicUser=yes": return UnitRemedy(advice: "use another directory")
        default: break
        }
        switch place.mode {
        case .temporary: return UnitRemedy(lines: [bind])
        case .inaccessible: return UnitRemedy(lines: lists.lines(settings.inaccessible) + write)
        case .readOnly where place.isInTheWay(of: path):
            return UnitRemedy(lines: lists.lines(settings.readOnly) + write)
        case .bound where place.isReadOnly: return UnitRemedy(lines: lists.lines(binds: settings.readOnlyBinds))
        case .bound, .covered, .readOnly, .readWrite, .left: return UnitRemedy(lines: write)
        }
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

    func lines(_ paths: [UnitPath]) -> [String] {
        guard let key = paths.first?.key else { return [] }
        let rest = paths.filter { !taken.contains($0.path) }
        return ["\(key)="]
            + rest.map { entry in
                let mark = entry.isOptional || absent.contains(entry.path) ? "-" : ""
                return "\(key)=\(UnitText.word(entry.path, prefix: mark))"
            }
    }

    /// What was bound read-only is bound to be written.
    func lines(binds: [UnitBind]) -> [String] {
        let lines = binds.map { bind in
            let key = taken.contains(bind.target) ? "BindPaths" : "BindReadOnlyPaths"
            return "\(key)=\(String(decoding: bind.word, as: UTF8.self))"
        }
        return ["BindReadOnlyPaths="] + lines
    }
}

extension UnitRemedy {
    /// What lets a user do with a file what its rights do not allow.
    ///
    /// The file's group is taken if its members may do it, and if it is not root's. Else an access control list does.
    /// `isWhole`: it is a directory whose files are needed as well, also those that come.
    static func granting(
        _ needs: FileRights.Needs,
        at path: FilePath,
        _ rights: FileRights,
        to user: UnitUser,
        isWhole: Bool
    ) -> UnitRemedy {
        if rights.group != 0, rights.allowsGroup(needs) {
            return UnitRemedy(lines: ["SupplementaryGroups=\(Surroundings.name(ofGroup: rights.group))"])
        }
        guard !user.isDynamic else {
            return UnitRemedy(
                advice: "let a group have \(needs.letters) at \(printablePath(path)), and name it in the unit "
                    + "(SupplementaryGroups=): a dynamic user has no files and no access control list"
            )
        }
        let place = shellWord(path)
        guard isWhole else {
            return UnitRemedy(commands: ["setfacl --modify user:\(user.name):\(needs.letters) \(place)"])
        }
        // X: files get no right to be run.
        let letters = needs.letters.split(separator: "x").joined() + "X"
        return UnitRemedy(commands: [
            "setfacl --recursive --modify user:\(user.name):\(letters) --modify default:user:\(user.name):\(letters) \(place)"
        ])
    }

    /// A path as one word of a shell.
    static func shellWord(_ path: FilePath) -> String {
        let marks = Set("/._-+@:,".utf8)
        let text = String(validating: path.bytes, as: UTF8.self)
        if let text, text.utf8.allSatisfy({ marks.contains($0) || Character(Unicode.Scalar($0)).isASCIIName }) {
            return text
        }
        if let text, text.unicodeScalars.allSatisfy(isPlain) {
            return "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
        }
        let bytes = path.bytes.map { byte in
            Character(Unicode.Scalar(byte)).isASCIIName || marks.contains(byte)
                ? String(Unicode.Scalar(byte)) : "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
        return "$'\(bytes.joined())'"
    }
}

extension Character {
    /// Whether it is a letter or digit of ASCII.
    fileprivate var isASCIIName: Bool { isASCII && (isLetter || isNumber) }
}
