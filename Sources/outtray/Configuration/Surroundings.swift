import Glibc
import SystemPackage
import Watch

/// The user of this process, and its service manager. Advice depends on both: under systemd, a shell's remedy may not
/// help.
struct Surroundings: Equatable, Sendable {
    /// Whether systemd started this process, in a unit that may narrow what it sees and may write.
    var isUnit = false
    /// Whether the unit has its own `/tmp` and `/var/tmp` (`PrivateTmp=`).
    var hasPrivateTmp = false
    /// As in passwd(5), or the number.
    var user = "root"
    var userID: uid_t = 0
    /// The primary group, as in group(5), or the number.
    var group = "root"
    /// The ids of all groups.
    var groups: Set<gid_t> = [0]
    /// Whether this process has CAP_LEASE, and so may ask for leases on other users' files.
    var mayLease = false
}

extension Surroundings {
    /// The surroundings of this process.
    ///
    /// `$INVOCATION_ID` alone is not enough. A terminal that is itself a unit leaves it to its shells.
    init(_ environment: [String: String]) {
        let starter = environment["SYSTEMD_EXEC_PID"].flatMap(Int32.init)
        isUnit = environment["INVOCATION_ID"] != nil && (starter == nil || starter == getpid())
        hasPrivateTmp = isUnit && Self.hasPrivateTmp(mounts: ProcFile.text("/proc/self/mountinfo", most: 1 << 22) ?? "")
        userID = geteuid()
        user = Self.name(ofUser: userID)
        group = Self.name(ofGroup: getegid())
        var others = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        let count = getgroups(CInt(others.count), &others)
        groups = Set(others.prefix(Int(max(count, 0)))).union([getegid()])
        mayLease = Self.mayLease(status: ProcFile.text("/proc/self/status") ?? "")
    }

    static func name(ofUser id: uid_t) -> String {
        getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
    }

    static func name(ofGroup id: gid_t) -> String {
        getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
    }

    /// Reads the text of `/proc/self/mountinfo` (proc(5)). The fourth field is what is mounted, the fifth is where.
    static func hasPrivateTmp(mounts: String) -> Bool {
        mounts.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[3].contains("/systemd-private-")
                && (fields[4] == "/tmp" || fields[4] == "/var/tmp")
        }
    }

    /// Reads the text of `/proc/self/status` (proc(5)): is CAP_LEASE (capabilities(7), 28) in the effective set?
    static func mayLease(status: String) -> Bool {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = UInt64(line.dropFirst("CapEff:".count).drop(while: \.isWhitespace), radix: 16)
        else { return false }
        return set & (1 << 28) != 0
    }
}
