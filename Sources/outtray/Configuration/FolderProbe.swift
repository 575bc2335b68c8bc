import Dispatch
import Glibc
import SystemPackage
import Threads
import Watch

/// Finds the folders whose file system does not answer. Nothing else then asks that file system and hangs, too.
///
/// A dead network disk is no mistake in the configuration. Its folder is watched as soon as it answers.
enum FolderProbe {
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
