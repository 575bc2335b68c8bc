import Glibc
import SystemPackage

/// Whom a unit's service runs as.
struct UnitUser: Equatable, Sendable {
    /// For `setfacl` and for people.
    var name: String
    /// Nil for a user that is not there, or not before the service starts: it owns nothing.
    var id: uid_t?
    var groups: Set<gid_t>
    /// Whether systemd makes it at each start, so that no access control list can name it.
    var isDynamic = false
    /// Whether file permissions do not keep it from reading, and from writing.
    var mayReadAll = false
    var mayWriteAll = false
    /// Whether sticky bits do not keep it from removing others' files.
    var mayRemoveAll = false
    /// Users and groups that the unit names, and the machine does not have.
    var missing: [String] = []

    /// Whether rights let it do all of that. `isOwner`: the file is its own, whoever has it now.
    func may(_ needs: FileRights.Needs, _ rights: FileRights, isOwner: Bool) -> Bool {
        if mayWriteAll { return true }
        let rest = mayReadAll ? needs.subtracting([.read, .enter]) : needs
        if rest.isEmpty { return true }
        return isOwner ? rights.ofOwner.isSuperset(of: rest) : rights.allows(rest, user: id, groups: groups)
    }
}

extension UnitUser {
    /// Asks the machine's lists of users and groups.
    init(_ settings: UnitSettings) {
        let isRoot = settings.user.isEmpty && !settings.isDynamicUser
        let name = settings.user.isEmpty ? (isRoot ? "root" : "outtray") : settings.user
        self.init(name: name, id: nil, groups: [])
        mayReadAll = settings.mayReadAll
        mayWriteAll = settings.mayWriteAll
        mayRemoveAll = settings.mayRemoveAll
        let found = Self.user(name)
        id = found?.id
        self.name = found?.name ?? name
        // A user of that name that is there is taken in place of a dynamic one.
        isDynamic = settings.isDynamicUser && found == nil
        if found == nil, !isDynamic { missing.append("user \(name)") }
        for text in [settings.group].filter({ !$0.isEmpty }) + settings.supplementaryGroups {
            if let group = Self.group(text) {
                groups.insert(group)
            } else if !isDynamic || text != settings.group {
                missing.append("group \(text)")
            }
        }
        guard let found else { return }
        if settings.group.isEmpty { groups.insert(found.group) }
        var list = [gid_t](repeating: 0, count: 1024)
        var count = Int32(list.count)
        if getgrouplist(found.name, found.group, &list, &count) >= 0 {
            // The list begins with the group that it was asked with, which Group= replaces.
            groups.formUnion(list.prefix(Int(count)).filter { settings.group.isEmpty || $0 != found.group })
        }
    }

    private static func user(_ text: String) -> (name: String, id: uid_t, group: gid_t)? {
        if let entry = uid_t(text).map({ getpwuid($0) }) ?? getpwnam(text) {
            return (String(cString: entry.pointee.pw_name), entry.pointee.pw_uid, entry.pointee.pw_gid)
        }
        // A number needs no entry.
        return uid_t(text).map { (text, $0, $0) }
    }

    private static func group(_ name: String) -> gid_t? {
        gid_t(name) ?? getgrnam(name).map { $0.pointee.gr_gid }
    }
}
