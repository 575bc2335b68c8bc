import SystemPackage
import Threads
import Watch

// Changed files that could not be looked at: no event tells when they can be again.

extension Settler {
    /// Notes whether a file could be looked at. If not, it is looked at again after a pause. Nil: the look was broken
    /// off.
    ///
    /// Not where permission is missing, as an event tells when it is given. Not where the path is too long for a look,
    /// as a scan finds such a file.
    func noteFailure(of look: FileLook?, at path: FilePath, of plan: FolderPlan, renamed: Bool) {
        switch look {
        case .there, .gone, .failed(.permissionDenied), .failed(.fileNameTooLong): failedLooks[plan.name]?.forget(path)
        case .failed, nil:
            failedLooks[plan.name, default: FailedLooks()].note(path, renamed: renamed, at: clock.now)
            bell.ring()
        }
    }

    /// Takes the files that are due for another look. The caller must look at each.
    func takeFailedLooks() -> [String: [(path: FilePath, renamed: Bool)]] {
        var taken: [String: [(path: FilePath, renamed: Bool)]] = [:]
        for folder in Array(failedLooks.keys) {
            let files = failedLooks[folder]?.take(at: clock.now) ?? []
            if !files.isEmpty { taken[folder] = files }
        }
        return taken
    }

    /// Looks at files as if an event had told of them just now.
    func lookAgain(at files: [(path: FilePath, renamed: Bool)], in folder: String) async {
        await handle(files.map { .changed($0.path, folder: folder, renamed: $0.renamed) })
        failedLooks[folder]?.end(at: clock.now)
        bell.ring()
    }
}
