import Glibc
import SystemPackage

/// Why a directory is unfit.
///
/// No such trouble is a mistake for good: a mount, chmod(1) or another file at the path mends each of them.
enum DirectoryTrouble: Equatable, Sendable {
    case missing
    /// Something else than a directory is at `place`: the path itself, or one above it.
    case notDirectory(place: FilePath)
    /// The symbolic link at `place`, the path itself or one above it, leads nowhere.
    case deadLink(place: FilePath)
    /// The symbolic link at `place`, the path itself or one above it, leads back to itself.
    case circle(place: FilePath)
    /// The name is too long for the kernel, or for the file system.
    case tooLong
    /// This user may read the names in the directory, but not enter it (mode 744).
    case unentered(group: String)
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
        guard status.st_mode & S_IFMT == S_IFDIR else { return .notDirectory(place: path) }
        let mode = need == .read ? R_OK | X_OK : W_OK | X_OK
        guard path.withPlatformString({ access($0, mode) }) == 0 else {
            let error = Errno(rawValue: errno)
            if error == .permissionDenied, need == .read, path.withPlatformString({ access($0, R_OK) }) == 0 {
                return .unentered(group: Surroundings.name(ofGroup: status.st_gid))
            }
            return DirectoryTrouble(error, at: path, for: need)
        }
        return nil
    }

    /// Says why a directory cannot be read, and what mends it; nil if it can be read. Each look blocks.
    static func explanation(in surroundings: Surroundings) -> @Sendable (FilePath) -> String? {
        { path in of(path, for: .read)?.words(for: path, in: surroundings) }
    }

    init(_ error: Errno, at path: FilePath, for need: Need) {
        switch error {
        case .noSuchFileOrDirectory:
            self =
                Self.first(on: path) { Self.leadsNowhere($0, .noSuchFileOrDirectory) }.map { .deadLink(place: $0) }
                ?? .missing
        case .notDirectory:
            self = .notDirectory(place: Self.first(on: path) { !Self.isDirectory($0) } ?? path)
        case .tooManySymbolicLinkLevels:
            self = .circle(place: Self.first(on: path) { Self.leadsNowhere($0, error) } ?? path)
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
        first(on: path.removingLastComponent()) { place in place.withPlatformString { access($0, X_OK) } != 0 }
    }

    /// The first of the path's beginnings that `isAtFault`.
    private static func first(on path: FilePath, where isAtFault: (FilePath) -> Bool) -> FilePath? {
        var place = FilePath("/")
        for component in path.components {
            place.append(component)
            if isAtFault(place) { return place }
        }
        return nil
    }

    private static func isDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether something is at `path`, and following it fails with this error.
    private static func leadsNowhere(_ path: FilePath, _ error: Errno) -> Bool {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return false }
        return path.withPlatformString { stat($0, &status) } != 0 && errno == error.rawValue
    }

    /// What is wrong with `path`, and what mends it in these `surroundings`.
    func words(for path: FilePath, in surroundings: Surroundings) -> String {
        switch self {
        case .missing: Self.missing(path, in: surroundings)
        case .notDirectory(let place):
            place == path
                ? "\(path) is not a directory: put one in its place, or name another one"
                : "\(path) cannot be reached: \(place) is not a directory"
        case .deadLink(let place):
            "\(path) does not exist: \(place) is a symbolic link that leads nowhere; mount or make what it leads to"
        case .circle(let place):
            "\(path) cannot be reached: \(place) is a symbolic link that leads back to itself; make it lead to a directory"
        case .tooLong: "\(path): a name is longer than its file system takes, or its links lead too far"
        case .unentered(let group):
            "\(path) can be read by user \(surroundings.user), but its files cannot be looked at: the right to enter it "
                + "(x) is missing; \(Self.granting("x", at: path, group: group, in: surroundings))"
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
                + "directory, or name it in the unit, BindPaths=-\(path) (systemctl edit outtray)"
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
        let rights = place != path ? "x" : need == .read ? "rx" : "rwx"
        let what = need == .read ? "read" : "written to"
        let cause = place == path ? "permission denied" : "permission denied by \(place)"
        return
            "\(path) cannot be \(what) by user \(surroundings.user): \(cause); "
            + granting(rights, at: place, group: group, in: surroundings)
    }

    /// The commands that give the user these rights.
    private static func granting(
        _ rights: String,
        at place: FilePath,
        group: String,
        in surroundings: Surroundings
    ) -> String {
        let user = surroundings.user
        let join = surroundings.isUnit ? "SupplementaryGroups=\(group) in the unit" : "adduser \(user) \(group)"
        return "setfacl -m u:\(user):\(rights) \(place), or \(join) where the group may"
    }
}
