import Glibc
import Pipeline
import SystemPackage
import Threads
import Watch

/// Says of a ledger's file that it was whole when its last user closed it, and in which version.
///
/// A file that still has that version was not written to since, so a start need not read all of it. Any write, by
/// whomever, changes the version. After a crash there is a log beside the file, and the seal does not count.
///
/// The seal is no proof against a disk that changes bytes by itself. `outtray check` reads the whole file, and SQLite
/// refuses a damaged page when it meets one.
final class LedgerSeal: Sendable {
    /// In bytes.
    private static let longest = 256

    private let ledger: FilePath
    private let isSpoilt = Mutex(false)

    init(of path: String) {
        ledger = FilePath(path)
    }

    private var file: FilePath { FilePath(bytes: ledger.bytes + Array("-seal".utf8)) }
    private var log: FilePath { FilePath(bytes: ledger.bytes + Array("-wal".utf8)) }

    /// Whether the ledger is as it was when it was sealed.
    var holds: Bool {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow, .nonBlocking]
        guard hasNoLog, let version = version, let seal = try? FileDescriptor.open(file, .readOnly, options: options)
        else { return false }
        let text = try? seal.closeAfter { try seal.readAll(most: Self.longest) }
        return text == Self.text(version)
    }

    /// Breaks the seal, and has none put any more: damage was met.
    func spoil() {
        let isFirst = isSpoilt.withLock { isSpoilt in
            defer { isSpoilt = true }
            return !isSpoilt
        }
        if isFirst { _ = file.withPlatformString { unlink($0) } }
    }

    /// Seals a ledger that this process has closed as its last user.
    ///
    /// A failure does no harm, as the next start then reads the whole file. So nothing is synced.
    func put() {
        guard !isSpoilt.withLock({ $0 }), hasNoLog, let version = FileStatus.mark(ledger) else { return }
        let options: FileDescriptor.OpenOptions = [.create, .truncate, .closeOnExec, .noFollow, .nonBlocking]
        let seal = try? FileDescriptor.open(file, .writeOnly, options: options, permissions: .ownerReadWrite)
        _ = try? seal?.closeAfter { try seal?.writeAll(Self.text(version)) }
    }

    private var hasNoLog: Bool {
        do throws(Errno) {
            _ = try FileStatus.of(log)
            return false
        } catch {
            return error == .noSuchFileOrDirectory
        }
    }

    private var version: FileVersion? { FileStatus.version(ofFile: ledger) }

    private static func text(_ version: FileVersion) -> [UInt8] {
        let (device, inode, size) = (version.device, version.inode, version.size)
        return Array("\(device) \(inode) \(size) \(version.modified) \(version.changed)\n".utf8)
    }
}
