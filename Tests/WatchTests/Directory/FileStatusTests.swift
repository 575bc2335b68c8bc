import Glibc
import SystemPackage
import Testing

@testable import Watch

struct FileStatusTests {
    @Test func `a symbolic link is itself`() throws {
        let folder = try TemporaryFolder()
        try Disk.write("12345", to: folder.path.appending("real"))
        try Disk.link(folder.path.appending("link"), to: "real")

        let real = try FileStatus.of(folder.path.appending("real"))
        let link = try FileStatus.of(folder.path.appending("link"))

        #expect(real.kind == .regular)
        #expect(real.version.size == 5)
        #expect(link.kind == .other)
        #expect(link.version.inode != real.version.inode)
    }

    @Test func `what is not there is an error of the kernel`() throws {
        let folder = try TemporaryFolder()

        #expect(throws: Errno.noSuchFileOrDirectory) { try FileStatus.of(folder.path.appending("none")) }
    }

    @Test func `a file is gone from a root that is there, and from no other`() throws {
        let folder = try TemporaryFolder()
        let root = folder.path.appending("in")
        try Disk.makeDirectory(root)
        try Disk.write("12345", to: root.appending("a"))

        #expect(!FileStatus.isGone(root.appending("a"), beneath: root))
        #expect(FileStatus.isGone(root.appending("b"), beneath: root))
        try Disk.rename(root, to: folder.path.appending("away"))
        #expect(!FileStatus.isGone(root.appending("a"), beneath: root), "unmounted, as far as can be told")
        #expect(FileStatus.isGone(root.appending("a")))
    }

    @Test func `a time that does not fit becomes the nearest that does`() {
        var status = stat()
        status.st_mtim = timespec(tv_sec: .max, tv_nsec: 999_999_999)
        status.st_ctim = timespec(tv_sec: .min, tv_nsec: 0)

        #expect(FileVersion(status).modified == .max)
        #expect(FileVersion(status).changed == .min)
    }

    @Test func `times are nanoseconds since the epoch`() {
        var status = stat()
        status.st_mtim = timespec(tv_sec: 1_700_000_000, tv_nsec: 123)

        #expect(FileVersion(status).modified == 1_700_000_000_000_000_123)
    }
}
