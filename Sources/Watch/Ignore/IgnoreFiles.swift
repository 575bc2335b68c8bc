import CLinux
import Glibc
import SystemPackage

/// The `.outtrayignore` files of a folder, as they are on its disk. Each one is read once, and so counts for all paths
/// that are asked for together.
///
/// All calls block for as long as the file system does. Not for two threads.
package final class IgnoreFiles {
    private let root: FileDescriptor
    private let path: FilePath
    private let ignoresCase: Bool
    private var known: [FilePath: IgnoreFile] = [:]

    /// Opens the folder at this path.
    init(beneath path: FilePath, ignoringCase: Bool) throws(Errno) {
        let raw = path.withPlatformString { open($0, Int32(CLINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC) }
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        root = FileDescriptor(rawValue: raw)
        self.path = path
        ignoresCase = ignoringCase
    }

    deinit {
        try? root.close()
    }

    /// The file in a directory. The directory is a path below the folder.
    func file(in directory: FilePath) -> IgnoreFile {
        if let known = known[directory] { return known }
        let file = IgnoreFile.read(beneath: root, at: path, directory, ignoringCase: ignoresCase)
        known[directory] = file
        return file
    }
}
