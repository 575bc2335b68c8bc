import Dispatch
import Glibc
import SystemPackage
import Threads
import Watch

/// The result of a look at the configured folders: the silent file systems, and the place of each folder.
///
/// What asks the value first does not hang at a file system that did not answer. A dead network disk is no mistake in
/// the configuration. Its folder is watched as soon as it answers.
struct FolderProbe: Sendable {
    /// Folders, and targets of `move`, whose file system did not answer.
    let silent: Set<FilePath>
    private let places: [FilePath: DirectoryPlace]

    init(silent: Set<FilePath>, places: [FilePath: DirectoryPlace] = [:]) {
        self.silent = silent
        self.places = places
    }

    /// Looks at all folders, and at the targets of `move`. Blocks for as long as ``silent(among:within:look:)``.
    static func look(at folders: [Configuration.Folder]) -> FolderProbe {
        let paths = folders.map(\.path)
        let probe = FolderProbe(silent: silent(among: paths + folders.compactMap(\.target)))
        let places = paths.map { ($0, probe.place(of: $0)) }
        return FolderProbe(silent: probe.silent, places: Dictionary(places) { first, _ in first })
    }

    /// Whether the path lies in a file system that did not answer.
    func isSilent(_ path: FilePath) -> Bool { silent.contains { path.starts(with: $0) } }

    /// Where a directory really lies. A silent path is not asked, and neither is a folder that was looked at.
    func place(of path: FilePath) -> DirectoryPlace {
        places[path] ?? (isSilent(path) ? DirectoryPlace(unasked: path) : DirectoryPlace(of: path))
    }

    /// How long all folders together have for their answers. A healthy network disk takes milliseconds.
    static let patience = DispatchTimeInterval.seconds(5)

    /// The paths that gave no answer in time. Blocks for at most `patience`. A thread that hangs is left behind.
    ///
    /// `look` asks for one path. It may hang.
    static func silent(
        among paths: [FilePath],
        within patience: DispatchTimeInterval = patience,
        look: @escaping @Sendable (FilePath) -> Void = { look(at: $0) }
    ) -> Set<FilePath> {
        let silent = Silent(paths)
        for path in Set(paths) {
            do throws(OwnThread.ThreadError) {
                try OwnThread.start(named: "probe") {
                    look(path)
                    silent.remove(path)
                }
            } catch {
                // No thread could be started. The path then counts as answering, and a later look at it may have to
                // wait.
                silent.remove(path)
            }
        }
        return silent.rest(within: patience)
    }

    private static func look(at path: FilePath) {
        var status = stat()
        _ = path.withPlatformString { stat($0, &status) }
    }

    private final class Silent: Sendable {
        private let paths: Mutex<Set<FilePath>>
        private let answers = DispatchGroup()

        init(_ paths: [FilePath]) {
            self.paths = Mutex(Set(paths))
            for _ in Set(paths) { answers.enter() }
        }

        func remove(_ path: FilePath) {
            paths.withLock { _ = $0.remove(path) }
            answers.leave()
        }

        func rest(within patience: DispatchTimeInterval) -> Set<FilePath> {
            _ = answers.wait(timeout: .now() + patience)
            return paths.withLock { $0 }
        }
    }
}
