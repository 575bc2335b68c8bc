import Glibc
import Pipeline
import SystemPackage
import Watch

/// Why Outtray knows nothing of a path.
enum UnknownFile: Equatable {
    case outside(folders: [FilePath])
    /// The folder watches no subdirectories.
    case subdirectory(folder: String)
    /// A name on the way to the file is ignored.
    case ignored(name: String, IgnoringRule, folder: String)
    /// An `.outtrayignore` on the way cannot be read, for this reason.
    case undecided(folder: String, reason: String)
    /// The file's name matches a pattern of `sidecars`. `files`: the files that it stands beside now, in byte order.
    case sidecar(of: [FilePath], pattern: String, line: Int?, folder: String)
    /// The file's name ends with `done_suffix`. `file`: the one that it speaks of, if that is there.
    case marker(of: FilePath?, suffix: String, folder: String)
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
        let settings = configuration.folders.first { $0.name == folder.name }
        var sidecar: FilePath.Component?
        var isMarker = false
        let isDirectory = (try? FileStatus.of(path))?.kind == .directory
        switch folder.watched.exclusionOnDisk(of: path, isDirectory: isDirectory) {
        case .subdirectory:
            self = .subdirectory(folder: folder.name)
            return
        case .ignored(let name, let match):
            let text = String(decoding: FilePath(root: nil, components: name).bytes, as: UTF8.self)
            self = .ignored(name: text, IgnoringRule(match, of: settings), folder: folder.name)
            return
        case .undecided(_, _, let reason):
            self = .undecided(folder: folder.name, reason: reason)
            return
        case .sidecar(let name): sidecar = name
        case .marker: isMarker = true
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
        // A link or a directory is neither, whatever its name.
        guard self != .directory, self != .notRegular else { return }
        if isMarker, let suffix = folder.done {
            let file = suffix.file(of: path).flatMap { FileStatus.isGone($0, beneath: folder.path) ? nil : $0 }
            self = .marker(of: file, suffix: suffix.text, folder: folder.name)
            return
        }
        guard let sidecar else { return }
        let pattern = folder.sidecars.first(matching: sidecar) ?? ""
        self = .sidecar(
            of: Self.files(beside: path, in: folder.watched),
            pattern: pattern,
            line: settings?.line(of: pattern, in: "sidecars", settings?.sidecars),
            folder: folder.name
        )
    }

    /// The files that a sidecar stands beside; none if its directory cannot be read.
    private static func files(beside sidecar: FilePath, in folder: WatchedFolder) -> [FilePath] {
        let directory = sidecar.removingLastComponent()
        let files = try? FolderListing.files(beneath: directory, of: folder, enteringDirectories: false)
        return (files ?? []).filter(sidecar.isSidecar).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
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
        case .outside, .subdirectory, .ignored, .sidecar, .marker, .link, .notRegular: true
        case .missing, .directory, .notScanned: false
        case .unreadable, .undecided: nil
        }
    }

    /// Whether it is a file of a watched folder, to which no symbolic link leads.
    var isWatched: Bool {
        switch self {
        case .sidecar, .marker, .notScanned: true
        case .outside, .subdirectory, .ignored, .undecided, .link, .missing, .directory, .notRegular, .unreadable: false
        }
    }

    /// The pattern that ignores the file; nil if none does.
    var ignoringRule: IgnoringRule? { if case .ignored(_, let rule, _) = self { rule } else { nil } }

    var words: String {
        switch self {
        case .outside(let folders):
            "it is in no watched folder (\(folders.map(printablePath).joined(separator: ", ")))"
        case .subdirectory(let folder): "its folder \(folder) does not watch subdirectories (recursive: false)"
        case .ignored(let name, let rule, let folder):
            "its folder \(folder) passes over the name \(name): \(rule.words)"
        case .undecided(let folder, let reason):
            "nobody knows what its folder \(folder) passes over, and so it waits: \(reason)"
        case .sidecar, .marker: "it \(companionWords ?? "")"
        case .link(let place): "\(printablePath(place)) is a symbolic link, and none beneath a folder is followed"
        case .missing: "there is no such file, and none was seen in the last 30 days"
        case .directory: "it is a directory: name a file in it"
        case .notRegular: "it is no regular file: links, pipes, sockets and devices are passed over"
        case .unreadable(let errno): "it cannot be looked at: \(errno)"
        case .notScanned(let folder):
            "no scan of folder \(folder) has met it yet: is the service running? (systemctl status outtray)"
        }
    }

    /// What is said of a sidecar or a marker; nil for anything else.
    var companionWords: String? {
        if case .marker(let file, let suffix, let folder) = self {
            let name = file?.lastComponent.map { printablePath(FilePath(root: nil, [$0])) }
            let speaksOf = name.map { " of \($0)" } ?? ", and its file is not there"
            return
                "is a marker\(speaksOf): names in folder \(folder) that end with \(printable(suffix)) are (done_suffix)"
        }
        guard case .sidecar(let files, let pattern, let line, let folder) = self else { return nil }
        let names = files.prefix(Self.mostNamed).compactMap(\.lastComponent).map {
            printablePath(FilePath(root: nil, [$0]))
        }
        let others = files.count > names.count ? " and \(files.count - names.count) others" : ""
        let goesWith =
            files.isEmpty ? ", and no file is beside it" : " of \(names.joined(separator: ", "))\(others)"
        let place = line.map { " (line \($0) of the configuration)" } ?? ""
        return "is a sidecar\(goesWith): the pattern \(pattern) of folder \(folder) matches\(place)"
    }

    /// How many of the files beside a sidecar are named.
    private static let mostNamed = 3
}

extension Configuration.Folder {
    /// The line of one of the folder's own patterns; nil for any other.
    fileprivate func line(of pattern: String, in key: String, _ patterns: [String]?) -> Int? {
        patterns?.firstIndex(of: pattern).flatMap { places["\(key)[\($0)]"].line }
    }
}
