import Pipeline
import SystemPackage

/// What a run of changes leads to: the last word on each path.
struct FoldedChanges: Sendable {
    private(set) var shown: [FilePath: PublishedEntry] = [:]
    /// Paths that are not shown any more.
    private(set) var hidden: Set<FilePath> = []
    private(set) var contents: [PublishedContent] = []

    init(_ changes: [FleetChange], accounts: [String: String]) {
        var newest: [ContentKey: PublishedContent] = [:]
        for change in changes {
            let row = change.change.row
            if let moved = change.change.movedFrom { hide(moved) }
            if row.shown {
                shown[row.path] = PublishedEntry(row, change.change.event, accounts: accounts)
                hidden.remove(row.path)
            } else {
                hide(row.path)
            }
            let content = PublishedContent(row.content, isOfAccount: change.isOfAccount, accounts: accounts)
            if let content { newest[content.key] = content }
        }
        contents = Array(newest.values)
    }

    private mutating func hide(_ path: FilePath) {
        shown[path] = nil
        hidden.insert(path)
    }
}
