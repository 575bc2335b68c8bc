import SystemPackage
import Threads
import Watch

/// The open file of one upload.
///
/// Any call on it may hang with its file system. So all calls, close(2) included, run on its folder's threads and are
/// bounded by ``Patience``. After a call without an answer, the file is not asked again. It is among the ``HungFiles``
/// until the late answer comes, which is dropped.
final class UploadSource: Sendable {
    /// The version at the moment of opening.
    let version: FileVersion
    /// All bytes of a short file.
    let whole: WholeFile?
    private let file: SourceFile
    private let disk: SourceDisk
    private let isSilent = Mutex(false)

    init(_ file: SourceFile, _ whole: WholeFile? = nil, on disk: SourceDisk) {
        self.file = file
        self.whole = whole
        self.disk = disk
        version = file.version
    }

    /// Opens the file. The same look reads a short file to its end, and asks whether `folder` ignores the file by now.
    ///
    /// - Throws: `WatchedFolder.Exclusion` if it does, or if that is not known. `SourceFileError`, ``Unanswered``,
    ///   `CancellationError`; the other calls here do too.
    static func open(
        _ file: MediaFile,
        of folder: WatchedFolder? = nil,
        on disk: SourceDisk
    ) async throws -> UploadSource {
        let (source, whole) = try await disk.look {
            let source = try SourceFile(file.path, beneath: file.root)
            if let exclusion = folder?.exclusionOnDisk(of: file.path) {
                switch exclusion {
                case .ignored, .undecided: throw exclusion
                case .subdirectory, .sidecar, .marker: break
                }
            }
            return (source, WholeFile(source))
        }
        return UploadSource(source, whole, on: disk)
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

    /// The file's present version, and whether a process holds it open for writing; nil if the kernel does not tell.
    func currentState() async throws -> (version: FileVersion, isHeldForWriting: Bool?) {
        try await look { (try $0.currentVersion(), $0.isHeldForWriting) }
    }
}

/// The file system of one upload's file.
struct SourceDisk: Sendable {
    let file: MediaFile
    let threads: BlockingThreads
    let patience: Patience
    let hung: HungFiles

    var unanswered: Unanswered { Unanswered(at: file.root) }

    /// Runs `work` on the folder's threads.
    ///
    /// - Throws: The errors of `work`, ``Unanswered`` or `CancellationError`.
    func look<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.answer(
            of: file.root,
            within: patience,
            leaving: { hung.add(file) },
            late: { hung.remove(file) },
            work
        )
    }
}

/// The file systems of all folders, shared by all uploads.
struct SourceDisks: Sendable {
    var threads = FolderThreads([])
    var patience = Patience.usual
    var hung = HungFiles()
    var undecided = UndecidedDirectories()

    /// The files and directories that stay in the queue meanwhile.
    var heldBack: HeldBack { hung.heldBack.with(undecided.heldBack) }

    func disk(of file: MediaFile) -> SourceDisk {
        SourceDisk(file: file, threads: threads.threads(for: file), patience: patience, hung: hung)
    }
}
