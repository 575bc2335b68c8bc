import CLinux
import Glibc
import Pipeline
import SystemPackage

/// A file of a setup: nobody else's content, owner or rights get into it, and it takes no other file's place unasked.
///
/// It is made anew beside its place, so that no link and no file of another user is written to.
enum NewFile {
    /// Writes a file. `replacing`: the content of the file that it may replace; nil if there must be none.
    ///
    /// - Throws: ``SetupFailure``. The file that was there stays as it was.
    static func write(
        _ text: String,
        to path: FilePath,
        mode: mode_t,
        group: gid_t? = nil,
        replacing old: [UInt8]? = nil
    ) throws(SetupFailure) {
        let beside = path.removingLastComponent().appending(".outtray-setup-\(getpid())")
        do {
            _ = beside.withPlatformString { unlink($0) }
            let file = try FileDescriptor.open(
                beside,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite]
            )
            try file.closeAfter {
                _ = try file.writeAll(text.utf8)
                try give(file, mode: mode, group: group)
                try FileSync.sync(file)
            }
            try put(beside, to: path, replacing: old)
            try FileSync.syncDirectory(of: path)
        } catch let failure as SetupFailure {
            _ = beside.withPlatformString { unlink($0) }
            throw failure
        } catch {
            _ = beside.withPlatformString { unlink($0) }
            throw SetupFailure("\(path) cannot be written: \(error)")
        }
    }

    private static func put(_ beside: FilePath, to path: FilePath, replacing old: [UInt8]?) throws {
        guard let old else {
            let result = beside.withPlatformString { from in
                path.withPlatformString { clinux_rename_noreplace(AT_FDCWD, from, AT_FDCWD, $0) }
            }
            if result == 0 { return }
            throw SetupFailure("\(path) cannot be made: \(Errno(rawValue: errno))")
        }
        guard try RegularFile.content(of: path) == old else {
            throw SetupFailure("\(path) was changed meanwhile: nothing was written to it")
        }
        let target = try path.followingLinks()
        let result = beside.withPlatformString { from in target.withPlatformString { rename(from, $0) } }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sets rights and, if given, the group of an open file or directory. Its owner is then root, or `owner`.
    static func give(_ file: FileDescriptor, mode: mode_t, owner: uid_t = 0, group: gid_t?) throws(Errno) {
        if let group, fchown(file.rawValue, owner, group) != 0 { throw Errno(rawValue: errno) }
        if fchmod(file.rawValue, mode) != 0 { throw Errno(rawValue: errno) }
    }
}
