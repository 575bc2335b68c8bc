import SystemPackage
import Watch

/// What a look at a path finds, before or after its quiet time.
enum FileLook: Sendable {
    /// `names`: how many names the file has (hard links), of which one is the path.
    case there(FoundFile, names: UInt64 = 1)
    /// There is surely no regular file.
    case gone
    /// The look failed: no permission on the way, or an I/O error. Or nothing is there, and the file's folder or its
    /// file system may be away.
    case failed(Errno)

    /// Looks at a path beneath its folder's root, and opens nothing. Blocks.
    ///
    /// `device`: the one that the file was on; 0 if nobody knows.
    static func at(_ path: FilePath, beneath root: FilePath, folder: String, on device: UInt64 = 0) -> FileLook {
        do throws(Errno) {
            let status = try FileStatus.of(path, beneath: root)
            guard status.kind == .regular else { return .gone }
            return .there(FoundFile(folder: folder, path: path, version: status.version), names: status.names)
        } catch {
            guard FileStatus.meansGone(error) else { return .failed(error) }
            return AbsenceLooks.hasLeft(path, on: device, beneath: root) ? .gone : .failed(error)
        }
    }

    /// Why a file waits of which a look has failed, for people.
    static func words(for failure: Errno) -> String {
        FileStatus.meansGone(failure)
            ? "it is not there, and its folder or the file system that it was on may be away"
            : "it cannot be looked at: \(failure)"
    }
}
