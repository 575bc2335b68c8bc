import SystemPackage
import Testing

@testable import Watch

struct FileSystemKindTests {
    @Test(
        arguments: [
            (0x6969, "NFS"), (0xFF53_4D42, "SMB/CIFS"), (0xFE53_4D42, "SMB/CIFS"), (0x6573_5546, "FUSE"),
            (0x0102_1997, "9p"), (0x0116_1970, "GFS2"), (0x7C7C_6673, "Parallels shared folders"),
        ] as [(UInt32, String)]
    )
    func `file systems that others write to are polled`(magic: UInt32, name: String) {
        #expect(FileSystemKind(magic: magic) == .silent(name))
    }

    @Test(arguments: [0xEF53, 0x0102_1994, 0x5846_5342, 0x9123_683E, 0x2FC1_2FC1] as [UInt32])
    func `ext4, tmpfs, XFS, Btrfs and ZFS are watched`(magic: UInt32) {
        #expect(FileSystemKind(magic: magic) == .local)
    }

    @Test func `of overlayfs, and of what has no name here, nothing is known`() {
        #expect(FileSystemKind(magic: 0x794C_7630) == .uncertain("overlayfs"))
        #expect(FileSystemKind(magic: 0x1234_ABCD) == .uncertain("a file system of the unknown type 0x1234abcd"))
        #expect(FileSystemKind(magic: 0x1234_ABCD).silentName == nil)
    }

    @Test func `only what this kernel alone opens files of has no unknown writers`() {
        #expect(FileSystemKind(magic: 0xEF53).knowsWriters && FileSystemKind(magic: 0x794C_7630).knowsWriters)
        for magic in [0x6969, 0x6175_6673, 0x1234_ABCD] as [UInt32] {
            #expect(!FileSystemKind(magic: magic).knowsWriters)
        }
    }

    @Test func `proc is asked by its descriptor and is local`() throws {
        let proc = try FileDescriptor.open("/proc", .readOnly)

        try proc.closeAfter { #expect(FileSystemKind.of(proc) == .local) }
    }
}
