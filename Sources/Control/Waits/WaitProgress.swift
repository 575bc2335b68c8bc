import Pipeline
import SystemPackage

/// What one wait knows of its paths. A value without looks; ``FileWaits`` brings what they find.
struct WaitProgress {
    /// What paths stand for at one moment.
    struct Expansion {
        /// Paths that are no directories.
        var named: Set<FilePath> = []
        /// Paths that are.
        var directories: Set<FilePath> = []
        /// The files in those.
        var listed: Set<FilePath> = []
        /// Why others cannot be told now.
        var unlisted: [FilePath: String] = [:]
    }

    private let goal: WaitGoal
    private(set) var verdicts: [FilePath: WaitedFile.Verdict] = [:]
    /// Paths that are no directories.
    private var named: Set<FilePath> = []
    /// Files of directories. They are not waited for once they have left.
    private var members: Set<FilePath> = []
    /// Paths that were directories. One that was removed since has no files any more.
    private(set) var directories: Set<FilePath> = []
    /// Named paths at which nothing was. No event tells that one of them has become a directory.
    private(set) var missing: Set<FilePath> = []
    /// Why directories could not be listed at the last look that ended.
    private(set) var unlisted: [FilePath: String] = [:]

    init(_ goal: WaitGoal) {
        self.goal = goal
    }

    var isDecided: Bool { !verdicts.values.contains(where: \.isPending) }

    var pending: [FilePath] { verdicts.filter(\.value.isPending).map(\.key) }

    /// Whether only another listing can tell of some paths.
    var needsListing: Bool { !missing.isEmpty || !unlisted.isEmpty }

    /// Takes what the paths stand for now. Returns the files that are waited for from now on, and the paths that are
    /// not waited for any more, as they are directories.
    mutating func take(_ expansion: Expansion) -> (new: Set<FilePath>, former: [FilePath]) {
        (named, unlisted) = (expansion.named, expansion.unlisted)
        directories.formUnion(expansion.directories)
        members.formUnion(expansion.listed.subtracting(named))
        missing.subtract(directories)
        let former = directories.filter { verdicts.removeValue(forKey: $0) != nil }
        let new = named.union(expansion.listed).filter { verdicts[$0] == nil }
        for path in new { verdicts[path] = .pending(Self.notLookedAt) }
        return (new, Array(former))
    }

    /// Takes what looks found.
    mutating func take(_ news: [FilePath: WaitedFile]) {
        for (path, file) in news {
            verdicts[path] = verdict(on: file)
            switch file.now {
            case .missing where named.contains(path): missing.insert(path)
            // A directory that comes to such a path is waited for until it has files.
            case .noFile where missing.contains(path): verdicts[path] = .pending(Self.noFileYet)
            default: missing.remove(path)
            }
        }
    }

    /// A file of a directory needs no wait any more once it has left. One that lay there before its folder was watched
    /// was not meant.
    private func verdict(on file: WaitedFile) -> WaitedFile.Verdict {
        let verdict = file.verdict(for: goal)
        guard members.contains(file.path) else { return verdict }
        return file.isSkipped || (file.hasLeft && verdict.isPending) ? .there : verdict
    }

    /// Notes that the manifest does not show the files that are up.
    mutating func noteNotShown() {
        for (path, verdict) in verdicts where verdict == .there { verdicts[path] = .pending(Self.notShown) }
    }

    var report: FileWaits.Report {
        var report = FileWaits.Report(pending: unlisted)
        for (path, verdict) in verdicts {
            switch verdict {
            case .there: report.there += 1
            case .failed(let reason): report.failed[path] = reason
            case .pending(let reason): report.pending[path] = reason
            }
        }
        return report
    }

    // MARK: Words for people

    /// A path whose look has not ended.
    static let notLookedAt = "it could not be looked at yet: its file system does not answer"
    /// A directory that was made while it was waited for.
    private static let noFileYet = "there is no file in it yet"
    /// A file that is up, of which a script cannot read yet.
    private static let notShown = "it is up, and the manifest does not show it yet"
}
