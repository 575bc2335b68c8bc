import Glibc
import SystemPackage
import Threads
import Watch

/// The file of a drop on its disk. All calls block. Not for two tasks at once, but for ``abandon()``.
final class DroppedFile: Sendable {
    /// 8 MiB. So many bytes are made durable at a time, so that no fsync(2) takes long, even on a slow line.
    private static let longestUnsynced: Int64 = 8 << 20

    private struct State {
        /// Nil once it is closed.
        var descriptor: FileDescriptor?
        var written: Int64 = 0
        /// Whether nobody waits for the file any more. It must not get its name then.
        var isAbandoned = false
        /// Whether it has its name.
        var isDone = false
    }

    private let place: DropPlace
    private let folder: FilePath
    private let expected: Int64
    /// Has the file while it comes: the file's own directory, or the nearest one above that is there.
    private let directory: OpenDirectory
    private let temporary: FilePath.Component
    private let records: DropRecords
    private let record: DropRecords.Record
    private let state: Mutex<State>

    /// Makes the file, empty and under a name that is passed over.
    ///
    /// - Throws: ``DropRefusal``, `Errno`, ``SourceFileError``, ``FileFailure``.
    init(_ place: DropPlace, bytes: Int64, in folder: FilePath, _ records: DropRecords) throws {
        let (directory, path) = try Self.room(for: place, bytes: bytes, in: folder)
        guard let temporary = place.temporary else { throw Errno.invalidArgument }
        let record = try records.add(path.appending(temporary), in: try directory.identity())
        let opened = directory.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
        guard opened >= 0 else {
            let error = Errno(rawValue: errno)
            records.remove(record)
            throw error
        }
        (self.place, self.folder, self.directory, self.temporary) = (place, folder, directory, temporary)
        (self.records, self.record, expected) = (records, record, bytes)
        state = Mutex(State(descriptor: FileDescriptor(rawValue: opened)))
        CrashPoint.dropBegun.reached()
    }

    /// Removes the file, unless it is whole and has its name. A file that cannot be removed now keeps its record.
    deinit {
        try? close()
        guard !state.withLock({ $0.isDone }) else { return }
        do throws(Errno) {
            try directory.remove(temporary)
        } catch {
            if error != .noSuchFileOrDirectory { return }
        }
        records.remove(record)
    }

    /// Looks whether there is room for a file, and its name is free. Returns the directory where it can lie while it
    /// comes, and that directory's path.
    static func room(for place: DropPlace, bytes: Int64, in folder: FilePath) throws -> (OpenDirectory, FilePath) {
        var (directory, path) = (try OpenDirectory(folder), folder)
        var rest = place.directory.components.makeIterator()
        var next = rest.next()
        while let name = next, try directory.status(of: name) != nil {
            path.append(name)
            do {
                directory = try directory.directory(FilePath(root: nil, components: name))
            } catch {
                throw refusal(error, at: path)
            }
            next = rest.next()
        }
        if next == nil { try refuseTaken(place.name, in: directory) }
        try directory.checkWritable()
        // A disk that is filled to its last byte serves nobody.
        let (needed, isMore) = bytes.addingReportingOverflow(bytes / 20)
        if let space = FreeSpace(at: path), isMore || space.bytes < needed || space.isOutOfInodes {
            throw DropRefusal.noRoom(at: path)
        }
        return (directory, path)
    }

    /// What is no directory, or is a link, takes no file.
    private static func refusal(_ error: SourceFileError, at path: FilePath) -> any Error {
        switch error {
        case .denied: Errno.permissionDenied
        case .failed(let errno): errno
        default: DropRefusal.name("\(path) is no directory of the folder", hint: "choose another directory")
        }
    }

    private static func refuseTaken(_ name: FilePath.Component, in directory: OpenDirectory) throws {
        guard try directory.status(of: name) != nil else { return }
        throw DropRefusal.taken(name, free: try directory.firstFree(NumberedName(name)))
    }

    func append(_ bytes: Chunk) throws {
        let (descriptor, isDue) = try state.withLock { state in
            guard let descriptor = state.descriptor else { throw Errno.badFileDescriptor }
            let before = state.written
            state.written += Int64(bytes.count)
            return (descriptor, before / Self.longestUnsynced != state.written / Self.longestUnsynced)
        }
        try bytes.withUnsafeBytes { _ = try descriptor.writeAll($0) }
        if isDue, fdatasync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) }
    }

    /// Keeps the file from getting its name, unless it has it by now.
    func abandon() { state.withLock { $0.isAbandoned = true } }

    /// Makes the file durable and gives it its name. Returns its path.
    func finish() throws -> FilePath {
        let (descriptor, written) = state.withLock { ($0.descriptor, $0.written) }
        guard let descriptor, written == expected else { throw Errno.ioError }
        try FileSync.sync(descriptor)
        // An open file would count as still being written, under its own name.
        try close()
        let root = try OpenDirectory(folder)
        let target: OpenDirectory
        do {
            target = try root.makeDirectories(place.directory)
        } catch let error as SourceFileError {
            throw Self.refusal(error, at: folder.pushing(place.directory))
        }
        try rename(into: target)
        CrashPoint.dropRenamed.reached()
        try target.sync()
        records.remove(record)
        return folder.pushing(place.directory).appending(place.name)
    }

    private func rename(into target: OpenDirectory) throws {
        if state.withLock({ $0.isAbandoned }) { throw Errno.canceled }
        do throws(Errno) {
            try directory.move(temporary, into: target, as: place.name)
        } catch {
            if error == .fileExists { try Self.refuseTaken(place.name, in: target) }
            throw error
        }
        state.withLock { $0.isDone = true }
    }

    private func close() throws {
        let descriptor = state.withLock { state in
            defer { state.descriptor = nil }
            return state.descriptor
        }
        try descriptor?.close()
    }
}
