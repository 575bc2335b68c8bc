import Glibc
import SystemPackage
import Threads
import Watch

/// `manifest.ndjson`: one line a change, in order of revision. A line is appended as soon as its change is durable in
/// the ledger.
///
/// The ledger keeps each change until the journal has it on disk, so a crash in between loses none. A start cuts off a
/// line that a crash left unfinished. Its calls block.
final class Journal: Sendable {
    private struct State {
        let descriptor: FileDescriptor
        var lines: Int
        var revision: Int64
        /// In bytes, as far as it was written here.
        var length: Int64
    }

    /// How many changes go from the ledger to the journal at a time.
    static let batch = 512

    private let path: FilePath
    private let state: Mutex<State>

    /// Opens or creates the journal, and cuts off an unfinished last line. Reads it whole, unless it is still the
    /// `known` one.
    init(_ path: FilePath, mode: FilePermissions, known: PublishedFiles? = nil) throws {
        self.path = path
        let descriptor = try FileFailure.naming(path, "cannot be opened") { try Self.open(path, mode: mode) }
        do {
            let (lines, revision) = try FileFailure.naming(path, "cannot be read") {
                if let known, Self.version(of: descriptor) == known.journal { return (known.lines, known.revision) }
                return try Self.recover(descriptor)
            }
            let length = try descriptor.seek(offset: 0, from: .end)
            state = Mutex(State(descriptor: descriptor, lines: lines, revision: revision, length: length))
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    deinit {
        state.withLock { try? $0.descriptor.close() }
    }

    /// The revision of the last whole line; 0 for an empty journal.
    var revision: Int64 { state.withLock { $0.revision } }

    /// How many whole lines it has.
    var lines: Int { state.withLock { $0.lines } }

    /// Marks the journal's file (``FileStatus/mark(_:)``). Nil if the path does not lead to it any more.
    func mark() -> FileVersion? {
        guard isInPlace, let path = try? path.followingLinks() else { return nil }
        return FileStatus.mark(path)
    }

    /// Whether the path still leads to the open file, and nobody else has written to it or cut it.
    var isInPlace: Bool {
        var here = stat()
        var there = stat()
        let length: Int64? = state.withLock { fstat($0.descriptor.rawValue, &here) == 0 ? $0.length : nil }
        guard let length, Int64(here.st_size) == length else { return false }
        guard path.withPlatformString({ stat($0, &there) }) == 0 else { return false }
        return here.st_dev == there.st_dev && here.st_ino == there.st_ino
    }

    /// Appends changes, in order, and makes them durable. If it throws, the journal is as it was before.
    func append(_ changes: [ManifestChange]) throws {
        guard let last = changes.last else { return }
        let text = changes.map(ManifestFormat.line).joined()
        try state.withLock { state in
            let end = try state.descriptor.seek(offset: 0, from: .end)
            do {
                try FileFailure.naming(path, "cannot be written") {
                    _ = try state.descriptor.writeAll(text.utf8)
                    try FileSync.sync(state.descriptor)
                }
            } catch {
                _ = ftruncate(state.descriptor.rawValue, Int(end))
                throw error
            }
            state.revision = last.revision
            state.lines += changes.count
            state.length = end + Int64(text.utf8.count)
        }
    }

    /// Replaces the journal at `plan.journal` atomically by one line for each row. The caller then opens it anew.
    ///
    /// `old` is the journal in place, if the source's changes follow its last line. It first gets the changes that
    /// the new one stands for. So its readers miss none.
    static func replace(_ plan: ManifestPlan, from source: any ManifestSource, completing old: Journal?) async throws {
        let file = Mutex(try AtomicFile(plan.journal, mode: plan.mode))
        let newest = Mutex<Int64>(0)
        do {
            try await source.snapshot(
                by: .revision,
                start: { revision in newest.withLock { $0 = revision } },
                row: { row in try file.withLock { try $0.write(ManifestFormat.line(standingFor: row)) } }
            )
            if let old { try await old.complete(through: newest.withLock { $0 }, from: source) }
            try await offPool { try file.withLock { try $0.commit() } }
        } catch {
            try await offPool { file.withLock { $0.discard() } }
            throw error
        }
    }

    /// Appends the source's changes up to this revision.
    private func complete(through newest: Int64, from source: any ManifestSource) async throws {
        while revision < newest {
            let changes = try await source.changes(after: revision, limit: Self.batch).filter { $0.revision <= newest }
            if changes.isEmpty { return }
            try await offPool { try self.append(changes) }
        }
    }

    private static func open(_ path: FilePath, mode: FilePermissions) throws -> FileDescriptor {
        let descriptor = try FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .append, .closeOnExec],
            permissions: mode
        )
        var status = stat()
        // A journal that has its mode keeps its version.
        let hasMode = fstat(descriptor.rawValue, &status) == 0 && status.st_mode & 0o7777 == mode.rawValue
        guard hasMode || fchmod(descriptor.rawValue, mode.rawValue) == 0 else {
            let failure = Errno(rawValue: errno)
            try? descriptor.close()
            throw failure
        }
        return descriptor
    }

    private static func version(of descriptor: FileDescriptor) -> FileVersion? {
        var status = stat()
        return fstat(descriptor.rawValue, &status) == 0 ? FileVersion(status) : nil
    }

    /// Counts whole lines, reads the last one's revision, and cuts off any bytes after it. A line that Outtray did not
    /// write has revision 0.
    private static func recover(_ descriptor: FileDescriptor) throws -> (lines: Int, revision: Int64) {
        var lines = 0
        var offset: Int64 = 0
        var lastStart: Int64 = 0
        var end: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try descriptor.read(fromAbsoluteOffset: offset, into: buffer)
            if count == 0 { break }
            for index in 0..<count where buffer[index] == UInt8(ascii: "\n") {
                lines += 1
                lastStart = end
                end = offset + Int64(index) + 1
            }
            offset += Int64(count)
        }
        if end < offset, ftruncate(descriptor.rawValue, Int(end)) != 0 { throw Errno(rawValue: errno) }
        guard lines > 0 else { return (0, 0) }
        let head = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(end - lastStart))])
        let count = try descriptor.read(fromAbsoluteOffset: lastStart, into: head)
        return (lines, ManifestFormat.revision(ofLineHead: head[..<count]) ?? 0)
    }
}
