import SystemPackage
import Testing

@testable import Watch

struct FileSystemKindTests {
    @Test(
        arguments: [
            (0x6969, "NFS"), (0xFF53_4D42, "SMB/CIFS"), (0xFE53_4D42, "SMB/CIFS"), (0x6573_5546, "FUSE"),
            (0x0102_1997, "9p"),
        ] as [(UInt32, String)]
    )
    func `file systems that others write to are polled`(magic: UInt32, name: String) {
        #expect(FileSystemKind(magic: magic) == .silent(name))
    }

    @Test(arguments: [0xEF53, 0x0102_1994, 0x5846_5342, 0x9123_683E, 0x794C_7630] as [UInt32])
    func `ext4, tmpfs, XFS, Btrfs and overlayfs are watched`(magic: UInt32) {
        #expect(FileSystemKind(magic: magic) == .local)
    }

    @Test func `proc is asked by its descriptor and is local`() throws {
        let proc = try FileDescriptor.open("/proc", .readOnly)

        try proc.closeAfter { #expect(FileSystemKind.of(proc) == .local) }
    }
}
