import Pipeline
import SystemPackage
import Watch

/// Why Outtray knows nothing of a path.
enum UnknownFile: Equatable {
    case outside(folders: [FilePath])
    /// The folder watches no subdirectories.
    case subdirectory(folder: String)
    /// A name on the way to the file matches a pattern.
    case ignored(name: String, pattern: String, folder: String)
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
            self = .ignored(name: text, pattern: folder.ignore.pattern(ignoring: name) ?? text, folder: folder.name)
            return
        case nil: break
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

    var words: String {
        switch self {
        case .outside(let folders):
            "it is in no watched folder (\(folders.map(printablePath).joined(separator: ", ")))"
        case .subdirectory(let folder): "its folder \(folder) does not watch subdirectories (recursive: false)"
        case .ignored(let name, let pattern, let folder):
            "its folder \(folder) passes over the name \(name): the pattern \(pattern) matches"
        case .missing: "there is no such file, and none was seen in the last 30 days"
        case .directory: "it is a directory: name a file in it"
        case .notRegular: "it is no regular file: links, pipes, sockets and devices are passed over"
        case .unreadable(let errno): "it cannot be looked at: \(errno)"
        case .notScanned(let folder):
            "no scan of folder \(folder) has met it yet: is the service running? (systemctl status outtray)"
        }
    }
}
