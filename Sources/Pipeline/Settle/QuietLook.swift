import SystemPackage
import Watch

/// What the look at the end of a quiet time finds.
///
/// The file is opened once for all of it: version, writers and content are those of one file.
enum QuietLook: Sendable {
    case settled(SettledFile)
    /// The file has another version than at the beginning of the quiet time.
    case changed(FoundFile)
    /// Another process holds the file open for writing.
    case heldOpen
    case unmarked(MissingMarker)
    case gone
    case failed(Errno)

    /// Looks whether a file still has its version, and whether nobody holds it open for writing. Reads what the file
    /// is, and whether it is whole (``MediaClassifier``). Blocks.
    ///
    /// `done`: the ending of its marker, if it needs one. Without the marker, the file is not opened. `isMarked`: the
    /// marker is known to have come after the file, so its times do not count.
    static func at(
        _ file: FoundFile,
        beneath root: FilePath,
        done: DoneSuffix? = nil,
        isMarked: Bool = false
    ) -> QuietLook {
        if let done, let unmarked = unmarked(file, beneath: root, done, isMarked: isMarked) { return unmarked }
        do throws(SourceFileError) {
            let source = try SourceFile(file.path, beneath: root)
            if let changed = changed(file, to: source.version) { return changed }
            if source.isHeldForWriting == true { return .heldOpen }
            let finding = finding(source)
            // What was read is of this version only if the file still has it.
            return changed(file, to: try source.currentVersion()) ?? .settled(SettledFile(file, finding: finding))
        } catch {
            return unopened(file, beneath: root, error)
        }
    }

    /// Nil if the file's marker is there.
    private static func unmarked(
        _ file: FoundFile,
        beneath root: FilePath,
        _ done: DoneSuffix,
        isMarked: Bool
    ) -> QuietLook? {
        switch FileLook.at(file.path, beneath: root, folder: file.folder, on: file.version.device) {
        case .there(let now, _) where now != file: return .changed(now)
        case .gone: return .gone
        // What opens the file has more to say.
        case .there, .failed: break
        }
        switch FileLook.at(done.marker(of: file.path), beneath: root, folder: file.folder) {
        case .there(let marker, _):
            return isMarked || marker.version.speaks(of: file.version) ? nil : .unmarked(.stale(marker.version))
        case .gone: return .unmarked(.absent)
        case .failed(.fileNameTooLong): return .unmarked(.impossible)
        case .failed(let errno): return .failed(errno)
        }
    }

    private static func changed(_ file: FoundFile, to version: FileVersion) -> QuietLook? {
        if version == file.version { return nil }
        return .changed(FoundFile(folder: file.folder, path: file.path, version: version))
    }

    private static func finding(_ source: SourceFile) -> Result<MediaFinding, SourceFileError> {
        do throws(SourceFileError) {
            return .success(try MediaClassifier.classify(source))
        } catch {
            return .failure(error)
        }
    }

    /// A file that cannot be opened has settled, too, if it keeps its version. Classify then judges why it cannot be
    /// read.
    private static func unopened(_ file: FoundFile, beneath root: FilePath, _ error: SourceFileError) -> QuietLook {
        switch FileLook.at(file.path, beneath: root, folder: file.folder, on: file.version.device) {
        case .there(let now, _): now == file ? .settled(SettledFile(file, finding: .failure(error))) : .changed(now)
        case .gone: .gone
        // A path that is too long stays too long.
        case .failed(.fileNameTooLong): .settled(SettledFile(file, finding: .failure(.tooLong)))
        case .failed(let errno): .failed(errno)
        }
    }
}

/// Why a file has no marker that speaks of it.
enum MissingMarker: Hashable, Sendable {
    /// There is none.
    case absent
    /// There is one in this version, and it speaks of an earlier version of the file.
    case stale(FileVersion)
    /// The file's name is so long that the file system takes no marker's name.
    case impossible
}
