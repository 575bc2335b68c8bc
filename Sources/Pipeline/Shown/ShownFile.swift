import SystemPackage
import Threads
import Watch

/// A file of a watched folder, opened for a person to look at, in the version that the ledger knows.
///
/// It is opened as for an upload: beneath its folder, and following no link.
package final class ShownFile: Sendable {
    package let version: FileVersion
    /// By the file's content.
    package let type: MIMEType
    private let file: SourceFile
    private let folder: FilePath
    private let threads: BlockingThreads
    private let patience: Patience

    private init(
        _ file: SourceFile,
        _ type: MIMEType,
        _ folder: FilePath,
        _ threads: BlockingThreads,
        _ patience: Patience
    ) {
        self.file = file
        self.type = type
        self.folder = folder
        self.threads = threads
        self.patience = patience
        version = file.version
    }

    deinit {
        // close(2) may hang.
        let file = file
        threads.leave { withExtendedLifetime(file) {} }
    }

    /// Opens the file. Nil if it is not that version, or is none that may go up.
    ///
    /// - Throws: ``SourceFileError``, ``Unanswered`` or `CancellationError`.
    static func open(
        _ record: FileRecord,
        in folder: FolderPlan,
        on threads: BlockingThreads,
        within patience: Patience
    ) async throws -> ShownFile? {
        let opened: (SourceFile, MIMEType)? = try await threads.answer(of: folder.path, within: patience) {
            let file = try SourceFile(record.path, beneath: folder.path)
            guard record.isDealtWith(in: file.version) else { return nil }
            let type = try MediaClassifier.classify(file).type
            guard case .admitted = folder.admission.judge(type, size: file.version.size) else { return nil }
            return (file, type.mime)
        }
        return opened.map { ShownFile($0, $1, folder.path, threads, patience) }
    }

    /// Reads `count` bytes at `offset`; fewer only at the end of the file.
    ///
    /// - Throws: `SourceFileError.changed` if the file has another version by now; else as
    ///   ``open(_:in:on:within:)``.
    package func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        try await threads.answer(of: folder, within: patience) { [file] in
            let bytes = try file.read(at: offset, count: count)
            guard try file.isUnchanged() else { throw SourceFileError.changed }
            return bytes
        }
    }
}

extension Pipeline {
    /// Opens a file that the ledger knows, for a person to look at. Nil if there is no such file that could be shown.
    ///
    /// - Throws: ``Unanswered`` if the folder's file system takes longer than `patience`, or `CancellationError`.
    package func shownFile(_ record: FileRecord, within patience: Patience) async throws -> ShownFile? {
        guard let folder = record.folder.flatMap(roster.folder) else { return nil }
        do {
            return try await ShownFile.open(record, in: folder, on: threads[folder.name], within: patience)
        } catch is SourceFileError {
            return nil
        }
    }
}
