import Pipeline
import SystemPackage

/// What keeps a folder from being watched, or its files from leaving it, at present.
///
/// A mount, chmod(1) or mkdir(1) may mend it at any moment. So it ends no start and no reload. The folder is waited
/// for, and the others are watched.
struct FolderHindrance: Equatable, Sendable {
    /// What waits until the hindrance has gone.
    enum Effect: Equatable, Sendable {
        case notWatched
        /// Files go up, and stay in the folder.
        case notLeaving
        /// Files go up, and stay in the folder, because the target of `move` is unfit.
        case notMoved
        /// Files go up, and nobody can put one into the folder by the page.
        case notDropped
    }

    let folder: String
    let effect: Effect
    /// What is wrong, and what mends it.
    let reason: String

    /// The line of `outtray check`: the trouble, and what happens after it is mended.
    var words: String {
        let promise =
            switch effect {
            case .notWatched: "the folder is watched as soon as it is there and can be read"
            case .notLeaving: "its files go up, and leave once it can be written to"
            case .notMoved: "its files go up, and are moved there once it is there and can be written to"
            case .notDropped: "its files go up, and the page can put some there once it can be written to"
            }
        return "\(reason); \(promise)"
    }
}

extension ConfigurationChecks {
    /// What hinders this folder now; nil if nothing does. Asks the disk, but no file system that did not answer.
    func hindrance(of folder: Configuration.Folder) -> FolderHindrance? {
        if let reason = trouble(with: folder.path, for: .read) {
            return FolderHindrance(folder: folder.name, effect: .notWatched, reason: reason)
        }
        if folder.afterUpload != .keep, let reason = trouble(with: folder.path, for: .write) {
            return FolderHindrance(folder: folder.name, effect: .notLeaving, reason: reason)
        }
        if let target = folder.target, let reason = trouble(with: target, for: .write) {
            return FolderHindrance(folder: folder.name, effect: .notMoved, reason: reason)
        }
        if folder.acceptsDrops, let reason = trouble(with: folder.path, for: .write) {
            return FolderHindrance(folder: folder.name, effect: .notDropped, reason: reason)
        }
        return nil
    }

    /// What hinders each of the folders.
    var hindrances: [FolderHindrance] { configuration.folders.compactMap(hindrance) }

    /// Why a directory is unfit for `need`; nil if it is fit.
    private func trouble(with path: FilePath, for need: DirectoryTrouble.Need) -> String? {
        if probe.silent.contains(path) { return "the file system of \(path) does not answer: mend or unmount it" }
        return DirectoryTrouble.of(path, for: need)?.words(for: path, in: surroundings)
    }
}

extension Configuration.Folder {
    /// The directory that uploaded files are moved to; nil if they are not moved.
    var target: FilePath? {
        guard case .move(let target) = afterUpload else { return nil }
        return target
    }
}
