import SystemPackage
import Watch

/// What a look at a path finds, before or after its quiet time.
enum FileLook: Sendable {
    /// `names`: how many names the file has (hard links), of which one is the path.
    case there(FoundFile, names: UInt64 = 1)
    /// There is surely no regular file.
    case gone
    /// The look failed: no permission on the way, or an I/O error.
    case failed(Errno)

    /// Looks at a path beneath its folder's root, and opens nothing. Blocks.
    static func at(_ path: FilePath, beneath root: FilePath, folder: String) -> FileLook {
        do throws(Errno) {
            let status = try FileStatus.of(path, beneath: root)
            guard status.kind == .regular else { return .gone }
            return .there(FoundFile(folder: folder, path: path, version: status.version), names: status.names)
        } catch {
            return FileStatus.meansGone(error) ? .gone : .failed(error)
        }
    }
}

/// What the look at the end of a quiet time finds.
///
/// The file is opened once for all of it: version, writers and content are those of one file.
enum QuietLook: Sendable {
    case settled(SettledFile)
    /// The file has another version than at the beginning of the quiet time.
    case changed(FoundFile)
    /// Another process holds the file open for writing.
    case heldOpen
    /// The file has no marker, or one that speaks of an earlier version of it: `stale`.
    case unmarked(stale: FileVersion?)
    case gone
    case failed(Errno)

    /// Looks whether a file still has its version, and whether nobody holds it open for writing. Reads what the file
    /// is, and whether it is whole (``MediaClassifier``). Blocks.
    ///
    /// `done`: the ending of its marker, if it needs one. Without the marker, the file is not opened.
    static func at(_ file: FoundFile, beneath root: FilePath, done: DoneSuffix? = nil) -> QuietLook {
        if let done, let unmarked = unmarked(file, beneath: root, done) { return unmarked }
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
    private static func unmarked(_ file: FoundFile, beneath root: FilePath, _ done: DoneSuffix) -> QuietLook? {
        switch FileLook.at(file.path, beneath: root, folder: file.folder) {
        case .there(let now, _) where now != file: return .changed(now)
        case .gone: return .gone
        // What opens the file has more to say.
        case .there, .failed: break
        }
        switch FileLook.at(done.marker(of: file.path), beneath: root, folder: file.folder) {
        case .there(let marker, _):
            return marker.version.speaks(of: file.version) ? nil : .unmarked(stale: marker.version)
        // No file system has a marker of that name.
        case .gone, .failed(.fileNameTooLong): return .unmarked(stale: nil)
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
        switch FileLook.at(file.path, beneath: root, folder: file.folder) {
        case .there(let now, _): now == file ? .settled(SettledFile(file, finding: .failure(error))) : .changed(now)
        case .gone: .gone
        // A path that is too long stays too long.
        case .failed(.fileNameTooLong): .settled(SettledFile(file, finding: .failure(.tooLong)))
        case .failed(let errno): .failed(errno)
        }
    }
}
