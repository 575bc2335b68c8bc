import Glibc
import Pipeline
import SystemPackage
import Watch

/// Why Outtray knows nothing of a path.
enum UnknownFile: Equatable {
    case outside(folders: [FilePath])
    /// The folder watches no subdirectories.
    case subdirectory(folder: String)
    /// A name on the way to the file matches a pattern. `line` is the pattern's in the configuration. It is nil for a
    /// pattern of Outtray's own.
    case ignored(name: String, pattern: String, line: Int?, folder: String)
    /// A directory on the way to the file is a symbolic link.
    case link(FilePath)
    case missing
    case directory
    /// A symbolic link, a pipe, a socket or a device.
    case notRegular
    case unreadable(Errno)
    /// A regular file that no scan has met yet.
    case notScanned(folder: String)

    /// Looks at the path. Blocks for as long as its file system does.
    init(_ path: FilePath, in configuration: Configuration) {
        let plans = configuration.folders.compactMap { configuration.plan(of: $0) }
        if plans.contains(where: { $0.path == path }) {
            self = .directory
            return
        }
        guard let folder = plans.first(where: { path.starts(with: $0.path) && path != $0.path }) else {
            self = .outside(folders: plans.map(\.path))
            return
        }
        switch folder.watched.exclusion(of: path) {
        case .subdirectory:
            self = .subdirectory(folder: folder.name)
            return
        case .ignored(let name):
            let text = String(decoding: FilePath(root: nil, components: name).bytes, as: UTF8.self)
            let pattern = folder.ignore.pattern(ignoring: name) ?? text
            let line = configuration.folders.first { $0.name == folder.name }.flatMap { $0.line(ofPattern: pattern) }
            self = .ignored(name: text, pattern: pattern, line: line, folder: folder.name)
            return
        case nil: break
        }
        if let link = Self.link(on: path, beneath: folder.path) {
            self = .link(link)
            return
        }
        do throws(Errno) {
            switch try FileStatus.of(path).kind {
            case .regular: self = .notScanned(folder: folder.name)
            case .directory: self = .directory
            case .other: self = .notRegular
            }
        } catch {
            self = FileStatus.meansGone(error) ? .missing : .unreadable(error)
        }
    }

    /// The first directory on the way that is a symbolic link. None beneath a folder is followed.
    private static func link(on path: FilePath, beneath root: FilePath) -> FilePath? {
        var place = path.removingLastComponent()
        var link: FilePath?
        while place != root, place.starts(with: root) {
            var status = stat()
            if place.withPlatformString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFLNK {
                link = place
            }
            place.removeLastComponent()
        }
        return link
    }

    /// Whether a scan passes over the path, as it is named now; nil if that cannot be told.
    var isPassedOver: Bool? {
        switch self {
        case .outside, .subdirectory, .ignored, .link, .notRegular: true
        case .missing, .directory, .notScanned: false
        case .unreadable: nil
        }
    }

    var words: String {
        switch self {
        case .outside(let folders):
            "it is in no watched folder (\(folders.map(printablePath).joined(separator: ", ")))"
        case .subdirectory(let folder): "its folder \(folder) does not watch subdirectories (recursive: false)"
        case .ignored(let name, let pattern, let line, let folder):
            "its folder \(folder) passes over the name \(name): the pattern \(pattern) matches ("
                + (line.map { "line \($0) of the configuration)" } ?? "one of Outtray's own)")
        case .link(let place): "\(printablePath(place)) is a symbolic link, and none beneath a folder is followed"
        case .missing: "there is no such file, and none was seen in the last 30 days"
        case .directory: "it is a directory: name a file in it"
        case .notRegular: "it is no regular file: links, pipes, sockets and devices are passed over"
        case .unreadable(let errno): "it cannot be looked at: \(errno)"
        case .notScanned(let folder):
            "no scan of folder \(folder) has met it yet: is the service running? (systemctl status outtray)"
        }
    }
}

extension Configuration.Folder {
    /// The line of one of the folder's own patterns; nil for any other.
    fileprivate func line(ofPattern pattern: String) -> Int? {
        ignore.firstIndex(of: pattern).flatMap { places["ignore[\($0)]"].line }
    }
}
