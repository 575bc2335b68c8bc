import SystemPackage
import Threads
import Watch

/// A file on its way into a folder, from somebody who sends its bytes.
///
/// It lies under a name that is passed over, and gets its own when it is whole and durable. A drop that is given up
/// leaves nothing. No other file is ever replaced.
///
/// Its calls go one after the other. Any of them may hang with the folder's file system: they run on the folder's
/// threads, and are bounded by ``Patience``.
package final class Drop: Sendable {
    private let file: DroppedFile
    private let place: DropPlace
    private let folder: FilePath
    private let threads: BlockingThreads
    /// Returns the folder in force. Throws a ``DropRefusal`` or ``UnknownName`` if it is another one by now.
    private let recheck: @Sendable () throws -> WatchedFolder

    private init(
        _ file: DroppedFile,
        _ place: DropPlace,
        _ folder: FilePath,
        _ threads: BlockingThreads,
        _ recheck: @escaping @Sendable () throws -> WatchedFolder
    ) {
        self.file = file
        self.place = place
        self.folder = folder
        self.threads = threads
        self.recheck = recheck
    }

    deinit {
        // To remove what is not whole takes calls that may hang, too.
        let file = file
        threads.leave { withExtendedLifetime(file) {} }
    }

    /// Begins a drop. `present` is the folder in force at the moment it is asked.
    ///
    /// - Throws: ``DropRefusal``, ``UnknownName``, ``Unanswered`` or `CancellationError`; the other calls here do too.
    static func begin(
        _ wish: DropWish,
        _ records: DropRecords,
        on threads: BlockingThreads,
        in present: @escaping @Sendable () throws -> FolderPlan
    ) async throws -> Drop {
        let folder = try present()
        let place = try wish.place(in: folder)
        let watched = folder.watched
        let file = try await run(on: threads, at: folder.path) {
            try place.check(in: watched)
            try wish.checkSize(in: folder)
            return try DroppedFile(place, bytes: wish.bytes, in: folder.path, records)
        }
        return Drop(file, place, folder.path, threads) {
            let now = try present()
            guard try now.path == folder.path && wish.place(in: now) == place else {
                throw DropRefusal.changed(now.name)
            }
            try wish.checkSize(in: now)
            return now.watched
        }
    }

    /// Throws as a begin would, and makes nothing.
    static func check(_ wish: DropWish, in folder: FolderPlan, on threads: BlockingThreads) async throws {
        let (place, watched) = (try wish.place(in: folder), folder.watched)
        try await run(on: threads, at: folder.path) {
            try place.check(in: watched)
            try wish.checkSize(in: folder)
            _ = try DroppedFile.room(for: place, bytes: wish.bytes, in: folder.path)
        }
    }

    package func append(_ bytes: Chunk) async throws {
        try await Self.run(on: threads, at: folder) { [file] in try file.append(bytes) }
    }

    /// Gives the file its name, durably. Returns the file's path.
    ///
    /// If nobody waits for the answer any more, the file gets no name.
    package func finish() async throws -> FilePath {
        let watched = try recheck()
        return try await withTaskCancellationHandler {
            try await Self.run(on: threads, at: folder, leaving: { [file] in file.abandon() }) { [file, place] in
                try place.check(in: watched)
                return try file.finish()
            }
        } onCancel: {
            file.abandon()
        }
    }

    private static func run<Value: Sendable>(
        on threads: BlockingThreads,
        at folder: FilePath,
        leaving: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await threads.answer(of: folder, within: .usual, leaving: leaving) {
            do {
                return try work()
            } catch let error as Errno {
                throw DropRefusal.failed(error, at: folder)
            } catch let error as FileFailure {
                // Of a record: it lies in the state directory.
                throw DropRefusal.failed(error.errno, at: error.path.removingLastComponent())
            }
        }
    }
}

extension Pipeline {
    /// Begins to take a file into a folder.
    ///
    /// - Throws: ``UnknownName``, ``DropRefusal``, ``Unanswered`` or `CancellationError`.
    package func drop(_ wish: DropWish, into folder: String, _ records: DropRecords) async throws -> Drop {
        try await Drop.begin(wish, records, on: threads[folder]) { [self] in try self.folder(named: folder) }
    }

    /// Whether ``drop(_:into:_:)`` would begin.
    ///
    /// - Throws: As ``drop(_:into:_:)`` does, if it would not.
    package func checkDrop(_ wish: DropWish, into folder: String) async throws {
        try await Drop.check(wish, in: try self.folder(named: folder), on: threads[folder])
    }
}
