import CLinux
import Glibc
import SystemPackage

/// Who may do what with a file: owner, group, mode, and its access control list (acl(5)).
struct FileRights: Equatable, Sendable {
    /// What can be allowed, as in a mode.
    struct Needs: OptionSet, Sendable {
        let rawValue: UInt16
        static let read = Needs(rawValue: 4)
        static let write = Needs(rawValue: 2)
        static let enter = Needs(rawValue: 1)

        /// `rwx`, as setfacl(1) takes it.
        var letters: String {
            [(Needs.read, "r"), (.write, "w"), (.enter, "x")].filter { contains($0.0) }.map(\.1).joined()
        }
    }

    /// The entries of the list for certain users and groups. Without a list there are none, and no mask.
    struct AccessList: Equatable, Sendable {
        var users: [uid_t: Needs] = [:]
        /// The owning group's entry. The mode has the mask in its place.
        var owningGroup: Needs = []
        var groups: [gid_t: Needs] = [:]
        var mask: Needs?
    }

    var owner: uid_t
    var group: gid_t
    /// With the file's type.
    var mode: mode_t
    var list: AccessList?

    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    /// Whether only owners may remove files from the directory.
    var isSticky: Bool { mode & S_ISVTX != 0 }

    /// What the owner may do. No list and no group adds to it.
    var ofOwner: Needs { bits(6) }

    private func bits(_ shift: mode_t) -> Needs { Needs(rawValue: UInt16(mode >> shift & 7)) }

    /// Whether a user with these groups may do all of that. `user` is nil for one that owns nothing.
    func allows(_ needs: Needs, user: uid_t?, groups: Set<gid_t>) -> Bool {
        if let user, user == owner { return ofOwner.isSuperset(of: needs) }
        let mask = list?.mask ?? [.read, .write, .enter]
        if let user, let own = list?.users[user] { return own.intersection(mask).isSuperset(of: needs) }
        var entries = list?.groups.filter { groups.contains($0.key) }.map(\.value) ?? []
        if groups.contains(group) { entries.append(list?.owningGroup ?? bits(3)) }
        if entries.isEmpty { return bits(0).isSuperset(of: needs) }
        return entries.contains { $0.intersection(mask).isSuperset(of: needs) }
    }

    /// Whether a member of the file's group may do all of that.
    func allowsGroup(_ needs: Needs) -> Bool {
        (list?.owningGroup ?? bits(3)).intersection(list?.mask ?? [.read, .write, .enter]).isSuperset(of: needs)
    }
}

extension FileRights {
    /// Asks the disk. Follows links. Blocks.
    static func of(_ path: FilePath) throws(Errno) -> FileRights {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { throw Errno(rawValue: errno) }
        return FileRights(owner: status.st_uid, group: status.st_gid, mode: status.st_mode, list: accessList(of: path))
    }

    /// Nil without a list, and on a file system that has none.
    private static func accessList(of path: FilePath) -> AccessList? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = path.withPlatformString { getxattr($0, "system.posix_acl_access", &bytes, bytes.count) }
        return count > 0 ? AccessList(bytes: bytes[..<count]) : nil
    }
}

extension FileRights.AccessList {
    /// Reads the kernel's form (`linux/posix_acl_xattr.h`): a version, then tag, rights and id of each entry.
    init?(bytes: ArraySlice<UInt8>) {
        func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        guard bytes.count >= 4, number(bytes.prefix(4)) == 2 else { return nil }
        var rest = bytes.dropFirst(4)
        while rest.count >= 8 {
            let needs = FileRights.Needs(rawValue: UInt16(number(rest.dropFirst(2).prefix(2)) & 7))
            let id = number(rest.dropFirst(4).prefix(4))
            switch number(rest.prefix(2)) {
            case 0x02: users[id] = needs
            case 0x04: owningGroup = needs
            case 0x08: groups[id] = needs
            case 0x10: mask = needs
            default: break
            }
            rest = rest.dropFirst(8)
        }
    }
}
