import SystemPackage
import Watch

/// What a second look says of a queued file that could not be opened.
///
/// The error alone does not tell. A disk that is not mounted has lost no file, and where a directory may not be looked
/// into for a moment, no file in it is at fault.
enum UnopenedFile: Hashable, Sendable {
    /// The file has left.
    case gone
    /// Another version is there.
    case changed
    /// The file is there in its version, and cannot be read.
    case unreadable
    /// Nobody can tell. The same holds for all files beneath the directory.
    case undecided(directory: FilePath, reason: String)

    /// Looks at the file's place once more. Blocks.
    static func look(at file: MediaFile, after error: SourceFileError) -> Self {
        switch FileLook.at(file.path, beneath: file.root, folder: "", on: file.version.device) {
        case .there(let found, _) where found.version != file.version: return .changed
        case .there where error == .denied || error == .tooLong: return .unreadable
        case .there: return .undecided(directory: file.path.removingLastComponent(), reason: "it was away for a moment")
        case .gone: return .gone
        case .failed(.fileNameTooLong): return .unreadable
        case .failed(let errno): return .undecided(directory: closed(to: file), reason: FileLook.words(for: errno))
        }
    }

    /// The directory of which nobody can tell: the first one on the way to the file that cannot be looked into, or the
    /// file's own.
    ///
    /// Where a mount point was removed, that is the mount point. What lies beside it goes on. An empty directory may be
    /// a mount point itself, and then nobody can tell of anything beneath it.
    private static func closed(to file: MediaFile) -> FilePath {
        var directory = file.root
        var rest = file.path.removingLastComponent()
        guard rest.removePrefix(file.root) else { return file.path.removingLastComponent() }
        for name in rest.components {
            let next = directory.appending(name)
            do throws(Errno) {
                _ = try FileStatus.of(next, beneath: file.root)
            } catch {
                return FileStatus.meansGone(error) && isAlone(file) ? next : directory
            }
            directory = next
        }
        return directory
    }

    /// Whether the file is not there, while something else is in the nearest directory that is there.
    private static func isAlone(_ file: MediaFile) -> Bool {
        var looks = AbsenceLooks(beneath: file.root)
        return if case .elsewhere = looks.look(for: file.path, on: file.version.device) { true } else { false }
    }
}
