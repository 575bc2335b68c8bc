import Glibc
import SystemPackage

/// The directories of one folder that could not be looked through, and what of them was told.
///
/// A value: ``FolderWatcher`` notes each failure and each success, and tells what ``news()`` has.
struct UnreadDirectories {
    private struct Cause {
        var reason: String
        /// The pass that met it last.
        var pass: Int
    }

    private var causes: [FilePath: Cause] = [:]
    private var tree = PathTree()
    private var told: Unread?
    private var isChanged = false

    /// A directory could not be looked through.
    mutating func note(_ path: FilePath, _ reason: String, pass: Int) {
        if causes[path]?.reason != reason { isChanged = true }
        causes[path] = Cause(reason: reason, pass: pass)
        tree.insert(path)
    }

    /// A directory was looked through, or is not there.
    mutating func clear(_ path: FilePath) {
        guard causes.removeValue(forKey: path) != nil else { return }
        tree.remove(path)
        isChanged = true
    }

    /// The same for all that lies beneath as well; returns whether there was anything.
    @discardableResult
    mutating func clear(from path: FilePath) -> Bool {
        let paths = tree.paths(beneath: path) + (causes[path] == nil ? [] : [path])
        for path in paths { clear(path) }
        return !paths.isEmpty
    }

    /// Lets go of all that passes before this one met: it is not there any more.
    mutating func clear(metBefore pass: Int) {
        for (path, cause) in causes where cause.pass < pass { clear(path) }
    }

    /// What is to be told; nil where it was told already.
    mutating func news() -> Unread?? {
        guard isChanged else { return nil }
        isChanged = false
        let now = summary
        guard now != told else { return nil }
        told = now
        return .some(now)
    }

    /// The one that was told stays the one that is told, for as long as it is true.
    private var summary: Unread? {
        let first = told.flatMap { causes[$0.first] == nil ? nil : $0.first } ?? causes.keys.min { $0.precedes($1) }
        guard let first, let cause = causes[first] else { return nil }
        return Unread(count: causes.count, first: first, reason: cause.reason)
    }
}

extension FilePath {
    /// By bytes.
    fileprivate func precedes(_ other: FilePath) -> Bool {
        withPlatformString { own in other.withPlatformString { strcmp(own, $0) < 0 } }
    }
}
