import Glibc
import SystemPackage

/// Why a directory is unfit.
enum DirectoryTrouble: Equatable, Sendable {
    case missing
    case notDirectory
    /// The name is too long for the kernel.
    case tooLong
    /// This user may not read, write or enter `place`.
    ///
    /// `place` is the directory itself or one above it. `group` is its group.
    case denied(Need, place: FilePath, group: String)
    /// Nobody may write there: the file system, or this process's view of it, is read-only.
    case readOnly
    case other(Errno)

    /// What has to be possible.
    enum Need: Equatable, Sendable {
        case read
        case write
    }
}

extension DirectoryTrouble {
    /// Looks at a directory; nil if all is well. May block for as long as its file system does.
    static func of(_ path: FilePath, for need: Need) -> DirectoryTrouble? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            return DirectoryTrouble(Errno(rawValue: errno), at: path, for: need)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .notDirectory }
        let mode = need == .read ? R_OK | X_OK : W_OK | X_OK
        guard path.withPlatformString({ access($0, mode) }) == 0 else {
            return DirectoryTrouble(Errno(rawValue: errno), at: path, for: need)
        }
        return nil
    }

    init(_ error: Errno, at path: FilePath, for need: Need) {
        switch error {
        case .noSuchFileOrDirectory: self = .missing
        case .notDirectory: self = .notDirectory
        case .fileNameTooLong: self = .tooLong
        case .readOnlyFileSystem: self = .readOnly
        case .permissionDenied, .notPermitted:
            let place = Self.closed(above: path) ?? path
            var status = stat()
            let isKnown = place.withPlatformString { stat($0, &status) } == 0
            self = .denied(need, place: place, group: isKnown ? Surroundings.name(ofGroup: status.st_gid) : "its group")
        default: self = .other(error)
        }
    }

    /// The first directory on the way that this user may not enter.
    private static func closed(above path: FilePath) -> FilePath? {
        var place = FilePath("/")
        for component in path.components.dropLast() {
            place.append(component)
            if place.withPlatformString({ access($0, X_OK) }) != 0 { return place }
        }
        return nil
    }

    /// What is wrong with `path`, and what mends it in these `surroundings`.
    func words(for path: FilePath, in surroundings: Surroundings) -> String {
        switch self {
        case .missing: Self.missing(path, in: surroundings)
        case .notDirectory: "\(path) is not a directory"
        case .tooLong: "this path is longer than Linux takes: 4095 bytes, and 255 for each name"
        case .denied(let need, let place, let group):
            Self.denied(path, need, place: place, group: group, in: surroundings)
        case .readOnly:
            surroundings.isUnit
                ? "\(path) is read-only for the service: name it in the unit, ReadWritePaths=\(path) (systemctl edit "
                    + "outtray), unless its whole file system is mounted read-only"
                : "\(path) is on a file system that is mounted read-only"
        case .other(let error): "\(path): \(error)"
        }
    }

    private static func missing(_ path: FilePath, in surroundings: Surroundings) -> String {
        if surroundings.hasPrivateTmp, [FilePath("/tmp"), "/var/tmp"].contains(where: { path.starts(with: $0) }) {
            return
                "\(path) does not exist for the service: its unit has a /tmp of its own (PrivateTmp=yes); use another "
                + "directory, or set PrivateTmp=no (systemctl edit outtray)"
        }
        if surroundings.isUnit, [FilePath("/home"), "/root", "/run/user"].contains(where: { path.starts(with: $0) }) {
            return
                "\(path) does not exist for the service: if it does for you, the unit hides it (ProtectHome=; read-only "
                + "shows it)"
        }
        return "\(path) does not exist: mount what belongs there, or mkdir -p \(path)"
    }

    private static func denied(
        _ path: FilePath,
        _ need: Need,
        place: FilePath,
        group: String,
        in surroundings: Surroundings
    ) -> String {
        let user = surroundings.user
        let rights = place != path ? "x" : need == .read ? "rx" : "rwx"
        let what = need == .read ? "read" : "written to"
        let cause = place == path ? "permission denied" : "permission denied by \(place)"
        let join = surroundings.isUnit ? "SupplementaryGroups=\(group) in the unit" : "adduser \(user) \(group)"
        return
            "\(path) cannot be \(what) by user \(user): \(cause); setfacl -m u:\(user):\(rights) \(place), or \(join) "
            + "where the group may"
    }
}
