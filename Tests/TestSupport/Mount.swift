import Glibc
import SystemPackage

/// mount(2) and umount2(2); each throws what the kernel says. Only root may mount.
package enum Mount {
    /// Whether this process may make dead files.
    package static var hasDeadFiles: Bool { geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 }

    package static func memory(on path: FilePath) throws {
        try check(mount("tmpfs", path.string, "tmpfs", 0, nil))
    }

    package static func bind(_ from: FilePath, on path: FilePath) throws {
        try check(mount(from.string, path.string, "", UInt(MS_BIND), nil))
    }

    /// Mounts a file over a file, so that each look at it fails with ENOTCONN. Its FUSE program has ended. A name that
    /// readdir(3) tells of is all there is, as with a damaged inode.
    package static func deadFile(on path: FilePath) throws {
        let device = try FileDescriptor.open("/dev/fuse", .readWrite, options: .closeOnExec)
        defer { try? device.close() }
        let options = "fd=\(device.rawValue),rootmode=100000,user_id=0,group_id=0"
        try check(mount("dead", path.string, "fuse", 0, options))
    }

    /// A look of the watcher may keep the file system busy for a moment.
    package static func unmount(_ path: FilePath, lazily: Bool = false) throws {
        for _ in 0..<1000 {
            if umount2(path.string, lazily ? Int32(MNT_DETACH) : 0) == 0 { return }
            guard errno == EBUSY else { break }
            usleep(2000)
        }
        throw Errno(rawValue: errno)
    }

    private static func check(_ result: Int32) throws {
        if result != 0 { throw Errno(rawValue: errno) }
    }
}
