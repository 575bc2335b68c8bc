import Pipeline
import SystemPackage

// File permissions: the narrowest command or line that gives a user what it lacks.

extension UnitRemedy {
    /// What lets a user do with a file what its rights do not allow.
    ///
    /// A fixed user gets an entry of an access control list: a group would give it all files of the group. A dynamic
    /// user can have a group alone. `isOwner`: it owns the file, or will. `isWhole`: it is a directory whose files are
    /// needed as well, also those that come.
    static func granting(
        _ needs: FileRights.Needs,
        at path: FilePath,
        _ rights: FileRights,
        to user: UnitUser,
        isOwner: Bool,
        isWhole: Bool
    ) -> UnitRemedy {
        let place = shellWord(path)
        // The kernel looks at the owner's bits alone, whatever lists and groups say.
        if isOwner { return UnitRemedy(commands: ["chmod u+\(needs.subtracting(rights.ofOwner).letters) \(place)"]) }
        guard !user.isDynamic else { return grantingByGroup(needs, at: path, rights) }
        guard isWhole else {
            return UnitRemedy(commands: ["setfacl --modify user:\(user.name):\(needs.letters) \(place)"])
        }
        // X: files get no right to be run.
        let letters = needs.letters.split(separator: "x").joined() + "X"
        return UnitRemedy(commands: [
            "setfacl --recursive --modify user:\(user.name):\(letters) --modify default:user:\(user.name):\(letters) \(place)"
        ])
    }

    /// The file's own group if that is one of people, and if more than the way through is needed.
    private static func grantingByGroup(
        _ needs: FileRights.Needs,
        at path: FilePath,
        _ rights: FileRights
    ) -> UnitRemedy {
        if needs != .enter, groupsOfPeople.contains(rights.group), rights.allowsGroup(needs) {
            return UnitRemedy(lines: ["SupplementaryGroups=\(Surroundings.name(ofGroup: rights.group))"])
        }
        let command = "setfacl --modify group:NAME:\(needs.letters) \(shellWord(path))"
        return UnitRemedy(
            advice:
                "make a group for it (\(command)), and name it in the unit (SupplementaryGroups=): a dynamic user has "
                + "no files and no access control list"
        )
    }

    /// Without the system's own groups, such as shadow and sudo, and without nogroup (systemd: "Users, Groups, UIDs and
    /// GIDs").
    private static let groupsOfPeople: Range<UInt32> = 1000..<65534

    /// What makes a directory that a service cannot make itself.
    static func making(_ path: FilePath, for user: UnitUser) -> UnitRemedy {
        guard !user.isDynamic else {
            return UnitRemedy(advice: "leave state_dir out: a dynamic user's state belongs into StateDirectory=")
        }
        let place = shellWord(path)
        return UnitRemedy(commands: ["mkdir -p \(place)"] + (user.id == 0 ? [] : ["chown \(user.name) \(place)"]))
    }

    /// What lets a user remove the files of others from a sticky directory: to own it. Nobody else may then do more.
    static func owning(_ path: FilePath, _ rights: FileRights, by user: UnitUser) -> UnitRemedy {
        guard !user.isDynamic, !sharedDirectories.contains(path) else {
            return UnitRemedy(advice: "let the folder be another directory, without the sticky bit")
        }
        let place = shellWord(path)
        let lacking = FileRights.Needs([.read, .write, .enter]).subtracting(rights.ofOwner).letters
        return UnitRemedy(
            commands: ["chown \(user.name) \(place)"] + (lacking.isEmpty ? [] : ["chmod u+\(lacking) \(place)"])
        )
    }

    /// Sticky directories that are all programs', and stay root's.
    private static let sharedDirectories: Set<FilePath> = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock"]

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
