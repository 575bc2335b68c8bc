import Glibc
import SystemPackage

/// What a file's owner, group and mode mean for a secret in it. Others may not read it; the service must.
struct KeyFileRights: Equatable, Sendable {
    var owner: uid_t
    var group: gid_t
    var mode: mode_t

    init(owner: uid_t, group: gid_t, mode: mode_t) {
        (self.owner, self.group, self.mode) = (owner, group, mode & 0o777)
    }

    init(_ status: stat) {
        self.init(owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
    }

    var isOpenToAll: Bool { mode & 0o007 != 0 }

    /// The command that closes a file to others, but not to this user.
    func closing(_ path: FilePath, in surroundings: Surroundings) -> String {
        if surroundings.userID == 0, owner == 0 {
            return "chmod 600 \(path), or 640 with the service's group"
        }
        if owner == surroundings.userID { return "chmod 600 \(path)" }
        return giving(path, in: surroundings)
    }

    /// Why this user cannot read the file, and what would mend it.
    func refusal(_ path: FilePath, in surroundings: Surroundings) -> String {
        let digits = String(mode, radix: 8)
        let octal = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(path) cannot be read by user \(surroundings.user), as its mode is \(octal) and its group "
            + "\(Surroundings.name(ofGroup: group)): \(giving(path, in: surroundings)), or hand it over as a systemd "
            + "credential (LoadCredential= in the unit)"
    }

    /// The command that lets only the owner and this user's group read the file.
    private func giving(_ path: FilePath, in surroundings: Surroundings) -> String {
        let chmod = mode == 0o640 ? nil : "chmod 640 \(path)"
        let chgrp = surroundings.groups.contains(group) ? nil : "chgrp \(surroundings.group) \(path)"
        return [chgrp, chmod].compactMap(\.self).joined(separator: " && ")
    }
}
