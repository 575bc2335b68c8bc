import SystemPackage
import Watch

/// What the present configuration says of a file that waits, which may have been queued by an earlier one.
///
/// Every file is judged before it goes up: all that wait when the configuration is taken, and each one when its turn comes,
/// for what was classified, or pushed by another process, by an earlier configuration may come later.
struct WaitingRules: Sendable {
    private let folders: [String: FolderPlan]
    private let accounts: [String: AccountPlan]

    init(folders: [FolderPlan], accounts: [AccountPlan]) {
        self.folders = Dictionary(folders.map { ($0.name, $0) }) { first, _ in first }
        self.accounts = Dictionary(accounts.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Why the file may not go up; nil where it may, or where nobody can say yet: an account that is not there now may be
    /// there after the next reload, and what was pushed waits for it.
    func dismissal(of file: WaitingFile) -> Dismissal? {
        guard let name = file.folder else {
            return file.account.flatMap { accounts[$0] }.flatMap { dismissal(of: file, by: $0.admission) }
        }
        guard let folder = folders[name] else { return .letGo("its folder \(name) is not watched any more") }
        if let reason = reasonToLeave(file, folder) { return .letGo(reason) }
        return dismissal(of: file, by: folder.admission)
    }

    /// Why the file is none of the folder's now, as it is queued.
    private func reasonToLeave(_ file: WaitingFile, _ folder: FolderPlan) -> String? {
        var relative = file.path
        guard relative.removePrefix(folder.path), !relative.isEmpty, file.content?.root ?? folder.path == folder.path
        else { return "its folder \(folder.name) is at another path now" }
        if let account = file.account, account != folder.account {
            return "its folder \(folder.name) goes through another account now"
        }
        if !folder.recursive, relative.components.count > 1 {
            return "the subdirectories of its folder \(folder.name) are not watched any more"
        }
        if relative.components.contains(where: folder.ignore.ignores) {
            return "its name, or a directory's on the way to it, is ignored now"
        }
        return nil
    }

    /// A file that settles is judged when it has.
    private func dismissal(of file: WaitingFile, by admission: Admission) -> Dismissal? {
        guard let content = file.content else { return nil }
        switch admission.judge(content.mime, size: file.version.size) {
        case .admitted: return nil
        case .rejected(let rejection): return .rejected(rejection)
        }
    }
}
