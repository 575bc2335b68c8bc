import Glibc
import SystemPackage
import Threads
import Watch

/// The file of a drop on its disk. All calls block. Not for two tasks at once.
final class DroppedFile: Sendable {
    /// 64 MiB. So many bytes are made durable at a time, so that the last fsync(2) takes no longer than one of them.
    private static let longestUnsynced: Int64 = 64 << 20

    private let place: DropPlace
    private let folder: FilePath
    private let expected: Int64
    /// Has the file while it comes: the file's own directory, or the nearest one above that is there.
    private let directory: OpenDirectory
    private let temporary: FilePath.Component
    private let descriptor: FileDescriptor
    private let records: DropRecords
    private let record: DropRecords.Record
    private let written = Mutex<Int64>(0)
    private let isDone = Mutex(false)

    /// Makes the file, empty and under a name that is passed over.
    ///
    /// - Throws: ``DropRefusal``, `Errno`, ``SourceFileError``, ``FileFailure``.
    init(_ place: DropPlace, bytes: Int64, in folder: FilePath, _ records: DropRecords) throws {
        let (directory, path) = try Self.room(for: place, bytes: bytes, in: folder)
        guard let temporary = place.temporary else { throw Errno.invalidArgument }
        let record = try records.add(path.appending(temporary))
        let opened = directory.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
        guard opened >= 0 else {
            let error = Errno(rawValue: errno)
            records.remove(record)
            throw error
        }
        (self.place, self.folder, self.directory, self.temporary) = (place, folder, directory, temporary)
        (self.records, self.record, expected) = (records, record, bytes)
        descriptor = FileDescriptor(rawValue: opened)
        CrashPoint.dropBegun.reached()
    }

    /// Removes the file, unless it is whole and has its name.
    deinit {
        try? descriptor.close()
        guard !isDone.withLock({ $0 }) else { return }
        try? directory.remove(temporary)
        records.remove(record)
    }

    /// Looks whether there is room for a file, and its name is free. Returns the directory where it can lie while it
    /// comes, and that directory's path.
    static func room(for place: DropPlace, bytes: Int64, in folder: FilePath) throws -> (OpenDirectory, FilePath) {
        var (directory, path) = (try OpenDirectory(folder), folder)
        var rest = Array(place.directory.components)
        var relative = FilePath()
        while let name = rest.first, try directory.status(of: name) != nil {
            relative.append(name)
            path.append(name)
            directory = try Self.directory(relative, in: folder, isMade: false)
            rest.removeFirst()
        }
        if rest.isEmpty { try refuseTaken(place.name, in: directory) }
        try directory.checkWritable()
        // A disk that is filled to its last byte serves nobody.
        let (needed, isMore) = bytes.addingReportingOverflow(bytes / 20)
        if let space = FreeSpace(at: path), isMore || space.bytes < needed || space.isOutOfInodes {
            throw DropRefusal.noRoom(at: path)
        }
        return (directory, path)
    }

    /// The directory below a folder, which is made if it is not there. What is no directory, or is a link, takes no
    /// file.
    private static func directory(_ relative: FilePath, in folder: FilePath, isMade: Bool) throws -> OpenDirectory {
        let root = try OpenDirectory(folder)
        do {
            return isMade ? try root.makeDirectories(relative) : try root.directory(relative)
        } catch SourceFileError.denied {
            throw Errno.permissionDenied
        } catch SourceFileError.failed(let error) {
            throw error
        } catch is SourceFileError {
            throw DropRefusal.name(
                "\(folder.pushing(relative)) is no directory of the folder",
                hint: "choose another directory"
            )
        }
    }

    private static func refuseTaken(_ name: FilePath.Component, in directory: OpenDirectory) throws {
        guard try directory.status(of: name) != nil else { return }
        throw DropRefusal.taken(name, free: try directory.firstFree(NumberedName(name)))
    }

    func append(_ bytes: Chunk) throws {
        try bytes.withUnsafeBytes { _ = try descriptor.writeAll($0) }
        let isDue = written.withLock { written in
            let before = written
            written += Int64(bytes.count)
            return before / Self.longestUnsynced != written / Self.longestUnsynced
        }
        if isDue, fdatasync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) }
    }

    /// Makes the file durable and gives it its name. Returns its path.
    func finish() throws -> FilePath {
        guard written.withLock({ $0 }) == expected else { throw Errno.ioError }
        try FileSync.sync(descriptor)
        let target = try Self.directory(place.directory, in: folder, isMade: true)
        try rename(into: target)
        CrashPoint.dropRenamed.reached()
        try target.sync()
        records.remove(record)
        return folder.pushing(place.directory).appending(place.name)
    }

    private func rename(into target: OpenDirectory) throws {
        do throws(Errno) {
            try directory.move(temporary, into: target, as: place.name)
        } catch {
            if error == .fileExists { try Self.refuseTaken(place.name, in: target) }
            throw error
        }
        isDone.withLock { $0 = true }
    }
}
