import Glibc
import SystemPackage

/// The unread directories of one folder, and what was reported of them.
///
/// A value. ``FolderWatcher`` notes each failure and each success, and sends ``news()``.
struct UnreadDirectories {
    private struct Cause {
        var reason: String
        /// The last scan that met the failure.
        var scan: Int
    }

    private var causes: [FilePath: Cause] = [:]
    private var tree = PathTree()
    private var told: Unread?
    private var isChanged = false

    /// Notes that a directory could not be read.
    mutating func note(_ path: FilePath, _ reason: String, scan: Int) {
        if causes[path]?.reason != reason { isChanged = true }
        causes[path] = Cause(reason: reason, scan: scan)
        tree.insert(path)
    }

    /// Notes that a directory was read, or is not there.
    mutating func clear(_ path: FilePath) {
        guard causes.removeValue(forKey: path) != nil else { return }
        tree.remove(path)
        isChanged = true
    }

    /// Clears a directory and everything beneath it. Returns whether there was anything to clear.
    @discardableResult
    mutating func clear(from path: FilePath) -> Bool {
        let paths = tree.paths(beneath: path) + (causes[path] == nil ? [] : [path])
        for path in paths { clear(path) }
        return !paths.isEmpty
    }

    /// Clears the directories that this scan did not meet. They are not there any more.
    mutating func clear(metBefore scan: Int) {
        for (path, cause) in causes where cause.scan < scan { clear(path) }
    }

    /// The news to send. Outer nil: there are none. Inner nil: every directory can be read again.
    mutating func news() -> Unread?? {
        guard isChanged else { return nil }
        isChanged = false
        let now = summary
        guard now != told else { return nil }
        told = now
        return .some(now)
    }

    /// The present state. The directory that was reported first stays `first` while it cannot be read.
    private var summary: Unread? {
        let first = told.flatMap { causes[$0.first] == nil ? nil : $0.first } ?? causes.keys.min { $0.precedes($1) }
        guard let first, let cause = causes[first] else { return nil }
        return Unread(count: causes.count, first: first, reason: cause.reason)
    }
}

extension FilePath {
    /// Compares the bytes.
    fileprivate func precedes(_ other: FilePath) -> Bool {
        withPlatformString { own in other.withPlatformString { strcmp(own, $0) < 0 } }
    }
}
