import SystemPackage
import Watch

/// Judges waiting files by the present configuration; an earlier one may have queued them.
///
/// Every file is judged before it goes up: all waiting files when a configuration is taken, and each file at its turn.
/// What is ignored depends on files on the disk. ``WatchedFolder/exclusionOnDisk(of:isDirectory:)`` looks at those, and
/// ``dismissal(by:)`` says what follows.
///
/// The second look is needed because files may join the queue later that an earlier configuration admitted. Such a file
/// was still being classified, or another process pushed it.
struct WaitingRules: Sendable {
    private let folders: [String: FolderPlan]
    private let accounts: [String: AccountPlan]

    init(folders: [FolderPlan], accounts: [AccountPlan]) {
        self.folders = Dictionary(folders.map { ($0.name, $0) }) { first, _ in first }
        self.accounts = Dictionary(accounts.map { ($0.name, $0) }) { first, _ in first }
    }

    /// What becomes of a file whose turn has come.
    enum Turn: Hashable, Sendable {
        /// The file goes up, with what the configuration in force warns of.
        case goes(MediaFile)
        case dismissed(Dismissal)
    }

    /// Judges a file whose turn has come. What an earlier configuration said of warnings and of the provider's folder
    /// counts no more.
    func turn(of file: MediaFile) -> Turn {
        if let dismissal = dismissal(of: WaitingFile(file)) { return .dismissed(dismissal) }
        var file = file
        file.library = file.folder.flatMap { folders[$0]?.library }
        let admission = file.folder.map { folders[$0]?.admission } ?? accounts[file.account]?.admission
        guard let admission else { return .goes(file) }
        file.warnings = admission.warnings(of: file.mime, file.measure, size: file.size)
        return .goes(file)
    }

    /// Why the file may not go up, or nil.
    ///
    /// Nil also for a pushed file of a missing account: the next reload may bring the account, and the file waits for
    /// it.
    func dismissal(of file: WaitingFile) -> Dismissal? {
        guard let name = file.folder else {
            return file.account.flatMap { accounts[$0] }.flatMap { dismissal(of: file, by: $0.admission) }
        }
        guard let folder = folders[name] else { return .letGo("its folder \(name) is not watched any more") }
        if let reason = reasonToLeave(file, folder) { return .letGo(reason) }
        return dismissal(of: file, by: folder.admission)
    }

    /// Why the file, as it is queued, is not the folder's any more; nil if it still is.
    private func reasonToLeave(_ file: WaitingFile, _ folder: FolderPlan) -> String? {
        var relative = file.path
        guard relative.removePrefix(folder.path), !relative.isEmpty, file.content?.root ?? folder.path == folder.path
        else { return "its folder \(folder.name) is at another path now" }
        if let account = file.account, account != folder.account {
            return "its folder \(folder.name) goes through another account now"
        }
        return switch folder.watched.exclusion(of: file.path) {
        case .subdirectory: "the subdirectories of its folder \(folder.name) are not watched any more"
        case .sidecar: "it is a sidecar now, and goes with other files"
        case .marker: "it is the marker of another file now"
        case .ignored, .undecided, nil: nil
        }
    }

    /// The folder that a file belongs to, as it is watched. Nil for a file of no folder.
    func watched(_ file: MediaFile) -> WatchedFolder? {
        file.folder.flatMap { folders[$0] }?.watched
    }

    /// Why a file may not go up that its folder excludes. Nil if the exclusion does not say so: it is not known, or
    /// ``dismissal(of:)`` judges it.
    static func dismissal(by exclusion: WatchedFolder.Exclusion?) -> Dismissal? {
        guard case .ignored(let name, let match) = exclusion else { return nil }
        return .letGo("the name \(FilePath(root: nil, components: name)) is ignored now: \(match.words)")
    }

    /// Nil for a file that settles: it is judged after it has settled.
    private func dismissal(of file: WaitingFile, by admission: Admission) -> Dismissal? {
        guard let content = file.content else { return nil }
        switch admission.judge(content.mime, content.measure, size: file.version.size) {
        case .admitted: return nil
        case .rejected(let rejection): return .rejected(rejection)
        }
    }
}
