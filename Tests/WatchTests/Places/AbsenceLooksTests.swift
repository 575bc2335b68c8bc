import Glibc
import SystemPackage
import Testing

@testable import Watch

@Suite struct AbsenceLooksTests {
    private let folder: TemporaryFolder
    private var root: FilePath { folder.path }
    private let device: UInt64

    /// Of another file system.
    private var other: UInt64 { device + 1 }

    init() throws {
        folder = try TemporaryFolder()
        device = try FileStatus.of(folder.path).version.device
        try Disk.makeDirectory(folder.path.appending("empty"))
        try Disk.makeDirectory(folder.path.appending("full"))
        try Disk.write(to: folder.path.appending("full/there"))
    }

    private func look(_ name: String, on device: UInt64) -> FileAbsence {
        var looks = AbsenceLooks(beneath: root)
        return looks.look(for: root.appending(FilePath(name).components), on: device)
    }

    private static let isPlainDisk = {
        guard let folder = try? TemporaryFolder(),
            let opened = try? FileDescriptor.open(folder.path, .readOnly)
        else { return false }
        defer { try? opened.close() }
        return FileSystemKind.of(opened) == .local
    }()

    @Test(.enabled(if: isPlainDisk, "on overlayfs, files have device numbers of their own"))
    func `a file of another device has not left an empty directory`() {
        #expect(look("empty/a", on: other) == .unmounted(root.appending("empty")))
        #expect(look("empty/deep/er/a", on: other) == .unmounted(root.appending("empty")))
    }

    @Test func `a file has left its own device`() {
        #expect(look("empty/a", on: device) == .gone)
        #expect(look("full/deep/a", on: device) == .gone)
        #expect(look("empty/a", on: 0) == .gone, "nobody knows on which it was")
    }

    @Test(.enabled(if: isPlainDisk, "on overlayfs, files have device numbers of their own"))
    func `a file of another device has left a directory with something in it, unless its own directory is gone`() {
        func alone(_ name: String) -> FileAbsence {
            look(name, on: other).alone(of: root.appending(FilePath(name).components))
        }
        #expect(look("full/a", on: other) == .elsewhere(root.appending("full")))
        #expect(alone("full/a") == .gone && alone("a") == .gone)
        #expect(look("full/deep/a", on: other) == .elsewhere(root.appending("full")))
        #expect(alone("full/deep/a") == .unmounted(root.appending("full")))
        #expect(alone("empty/a") == .unmounted(root.appending("empty")))
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `a file has left the empty top of a mounted file system`() throws {
        let disk = root.appending("empty")
        try #require(mount("tmpfs", disk.string, "tmpfs", 0, nil) == 0)
        defer { umount2(disk.string, Int32(MNT_DETACH)) }

        #expect(look("empty/a", on: other) == .gone)
        #expect(look("empty/deep/a", on: other) == .gone)
    }

    @Test(arguments: [Errno.permissionDenied, .ioError, .tooManyOpenFiles])
    func `where the directory cannot be read, a file of another device has neither left nor is unmounted`(
        failure: Errno
    ) {
        var looks = AbsenceLooks(beneath: root) { (_, _) throws(Errno) in throw failure }

        #expect(looks.look(for: root.appending(FilePath("empty/a").components), on: other) == .none)
        #expect(looks.look(for: root.appending(FilePath("full/deep/a").components), on: other) == .none)
    }

    @Test func `a file of the directory's own device has left, whether or not the directory may be read`() {
        var looks = AbsenceLooks(beneath: root) { (_, _) throws(Errno) in throw .permissionDenied }

        #expect(looks.look(for: root.appending(FilePath("empty/a").components), on: device) == .gone)
    }

    @Test func `what is there has not left, and of a folder that is not there nobody can tell`() throws {
        #expect(look("full/there", on: other) == .none)
        #expect(look("full/there", on: device) == .none)

        try Disk.rename(root, to: FilePath("\(root).away"))
        defer { try? Disk.rename(FilePath("\(root).away"), to: root) }
        #expect(look("empty/a", on: other) == .none)
    }
}
