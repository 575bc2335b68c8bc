import SystemPackage
import Threads
import Watch

/// The open file of one upload. Whatever touches it may hang with its file system, so all of it, the close included, runs
/// on its folder's threads, and is waited for with ``Patience``.
///
/// Once it has not answered in time, it is not asked again: what a late thread comes back with is dropped, and the file is
/// among the ``HungFiles`` until then.
final class UploadSource: Sendable {
    /// The version when it was opened.
    let version: FileVersion
    private let file: SourceFile
    private let disk: SourceDisk
    private let isSilent = Mutex(false)

    init(_ file: SourceFile, on disk: SourceDisk) {
        self.file = file
        self.disk = disk
        version = file.version
    }

    /// - Throws: `SourceFileError`, ``Unanswered``, `CancellationError`; so do all others here.
    static func open(_ file: MediaFile, on disk: SourceDisk) async throws -> UploadSource {
        UploadSource(try await disk.look { try SourceFile(file.path, beneath: file.root) }, on: disk)
    }

    deinit {
        // close(2) may hang, too.
        let file = file
        disk.threads.leave { withExtendedLifetime(file) {} }
    }

    func look<Value: Sendable>(_ work: @escaping @Sendable (SourceFile) throws -> Value) async throws -> Value {
        if isSilent.withLock({ $0 }) { throw disk.unanswered }
        let file = file
        do {
            return try await disk.look { try work(file) }
        } catch let error as Unanswered {
            isSilent.withLock { $0 = true }
            throw error
        }
    }

    /// Whether the file is still the version that was opened.
    func isUnchanged() async throws -> Bool {
        try await look { try $0.isUnchanged() }
    }

    /// The version that the file has now, and whether a process holds it open for writing; nil where the kernel does not tell.
    func currentState() async throws -> (version: FileVersion, isHeldForWriting: Bool?) {
        try await look { (try $0.currentVersion(), $0.isHeldForWriting) }
    }
}

/// The file system that an upload's file lies on, as one job asks it.
struct SourceDisk: Sendable {
    let file: MediaFile
    let threads: BlockingThreads
    let patience: Patience
    let hung: HungFiles

    var unanswered: Unanswered { Unanswered(at: file.root) }

    /// - Throws: What `work` throws, ``Unanswered`` or `CancellationError`.
    func look<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let answer = try await threads.look(
            within: patience,
            leaving: { hung.add(file) },
            late: { hung.remove(file) },
            work
        )
        guard let answer else { throw unanswered }
        return answer
    }
}

/// The file systems of all folders, as the uploads share them.
struct SourceDisks: Sendable {
    var threads = FolderThreads([])
    var patience = Patience.usual
    var hung = HungFiles()

    func disk(of file: MediaFile) -> SourceDisk {
        SourceDisk(file: file, threads: threads.threads(for: file), patience: patience, hung: hung)
    }
}
