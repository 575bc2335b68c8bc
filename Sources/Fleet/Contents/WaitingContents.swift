import Pipeline
import SystemPackage
import Threads
import Watch

/// The files of this host that wait for their content: another host sends it, or the fleet cannot be asked.
///
/// It keeps their digests, so that no file is read twice for its wait. A value without clock or database.
struct WaitingContents<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// So many files are known at most. Of others, nothing is remembered: they are read and asked for anew.
    static var most: Int { 50_000 }

    private struct File {
        let version: FileVersion
        let key: ContentKey
        let since: Instant
        /// When the file was let go on; nil while it waits.
        var released: Instant?
    }

    private var files: [FilePath: File] = [:]
    /// The files in the queue.
    private var paths: [ContentKey: Set<FilePath>] = [:]

    /// The contents that files in the queue wait for.
    var keys: some Collection<ContentKey> { paths.keys }

    /// The digest of a file in this version, if it waits.
    func digest(of path: FilePath, _ version: FileVersion) -> SHA256Digest? {
        files[path].flatMap { $0.version == version ? $0.key.sha256 : nil }
    }

    /// Since when a file waits; nil if it does not.
    func since(_ path: FilePath, _ version: FileVersion) -> Instant? {
        files[path].flatMap { $0.version == version ? $0.since : nil }
    }

    /// Since when the first file waits for a content; nil if none does.
    func since(_ key: ContentKey) -> Instant? {
        paths[key]?.compactMap { files[$0]?.since }.min()
    }

    /// Notes that a file waits. If it did so before in this version, it waits since then.
    mutating func add(_ path: FilePath, _ version: FileVersion, for key: ContentKey, at now: Instant) {
        let since = since(path, version) ?? now
        remove(path)
        guard files.count < Self.most else { return }
        files[path] = File(version: version, key: key, since: since)
    }

    /// Notes that a file is back in the queue, from where it may be let go on.
    mutating func park(_ path: FilePath, _ version: FileVersion) {
        guard let file = files[path], file.version == version else { return }
        files[path]?.released = nil
        paths[file.key, default: []].insert(path)
    }

    /// Forgets a file.
    mutating func remove(_ path: FilePath) {
        guard let file = files.removeValue(forKey: path) else { return }
        forget(path, file.key)
    }

    /// Lets the files of a content go on, and returns them. Their digests stay known for the try that follows.
    mutating func release(_ key: ContentKey, at now: Instant) -> [FilePath] {
        let released = paths.removeValue(forKey: key) ?? []
        for path in released { files[path]?.released = now }
        return Array(released)
    }

    /// Forgets files that were let go on before `instant`: they have left, or their try is over.
    mutating func forgetReleased(before instant: Instant) {
        files = files.filter { $0.value.released.map { $0 >= instant } ?? true }
    }

    private mutating func forget(_ path: FilePath, _ key: ContentKey) {
        paths[key]?.remove(path)
        if paths[key]?.isEmpty == true { paths[key] = nil }
    }
}
