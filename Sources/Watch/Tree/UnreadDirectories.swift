import Glibc
import SystemPackage

/// The unread directories of one folder, and what was reported of them.
///
/// A value. ``FolderWatcher`` notes each failure and each success, and sends ``news()``. Of each directory that could
/// be read, it notes one file that could not be looked at.
struct UnreadDirectories {
    private struct Cause {
        var reason: String
        /// The last scan that met the failure.
        var scan: Int
    }

    /// Up to so many directories, each newly closed one is named. With more, one is named when the count has doubled.
    private static let mostNamed = 10

    private var causes: [FilePath: Cause] = [:]
    /// The files among ``causes``, by their directories.
    private var files: [FilePath: FilePath] = [:]
    private var tree = PathTree()
    private var told: Unread?
    private var isChanged = false
    /// The directories that could be read when news were last sent.
    private var fresh: Set<FilePath> = []
    /// The directories that were named to people and still cannot be read.
    private var named: Set<FilePath> = []
    /// The count when people last heard of it, or the least since.
    private var heard = 0

    /// Whether all directories can be read.
    var isEmpty: Bool { causes.isEmpty }

    /// Notes that a directory could not be read.
    mutating func note(_ path: FilePath, _ reason: String, scan: Int) {
        if causes[path]?.reason != reason { isChanged = true }
        if causes[path] == nil { fresh.insert(path) }
        causes[path] = Cause(reason: reason, scan: scan)
        tree.insert(path)
    }

    /// Notes that a file could not be looked at, although its directory was read.
    mutating func note(file: FilePath, _ reason: String, scan: Int) {
        files[file.removingLastComponent()] = file
        note(file, reason, scan: scan)
    }

    /// Whether this was noted as a file.
    func isFile(_ path: FilePath) -> Bool { files[path.removingLastComponent()] == path }

    /// Notes that a directory was read, or is not there. `keeping`: the file in it that still cannot be looked at.
    mutating func clear(_ path: FilePath, keeping file: FilePath? = nil) {
        if let former = files[path], former != file {
            files[path] = nil
            clear(former)
        }
        if isFile(path) { files[path.removingLastComponent()] = nil }
        guard causes.removeValue(forKey: path) != nil else { return }
        tree.remove(path)
        fresh.remove(path)
        named.remove(path)
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
    ///
    /// A newly closed directory is `first`. Without one, `first` stays while it cannot be read. No directory is named
    /// to people twice while it stays closed.
    mutating func news() -> Unread?? {
        guard isChanged else { return nil }
        isChanged = false
        let closed = fresh
        fresh = []
        heard = min(heard, causes.count)
        let first =
            closed.min { $0.precedes($1) } ?? told.flatMap { causes[$0.first] == nil ? nil : $0.first }
            ?? causes.keys.min { $0.precedes($1) }
        var now = first.flatMap { path in
            causes[path].map { Unread(count: causes.count, first: path, reason: $0.reason) }
        }
        guard now != told else { return nil }
        told = now
        if let first {
            let mayName = causes.count <= Self.mostNamed || causes.count >= 2 * heard
            let isNews = named.isEmpty || !closed.isEmpty && mayName
            now?.isNews = isNews
            if isNews {
                named.insert(first)
                heard = causes.count
            }
        }
        return .some(now)
    }
}

extension FilePath {
    /// Compares the bytes.
    fileprivate func precedes(_ other: FilePath) -> Bool {
        withPlatformString { own in other.withPlatformString { strcmp(own, $0) < 0 } }
    }
}
