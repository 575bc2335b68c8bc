import CLinux
import Glibc
import SystemPackage

/// The kind of file system of a folder, and whether inotify reports all its changes.
///
/// On a network file system, changes by another machine never reach this kernel's inotify. The same is mostly true of
/// FUSE (inotify(7), "Limitations and caveats").
package enum FileSystemKind: Equatable {
    /// Only this kernel changes it, and inotify reports that.
    case local
    /// The file system's name, for people who read why it is polled.
    case silent(String)
    /// statfs(2) does not tell whether inotify reports its changes. The file system's name, for people.
    case uncertain(String)

    /// The kind by statfs(2)'s `f_type`. The numbers come from linux/magic.h, statfs(2) and, for file systems outside
    /// the kernel, coreutils' src/stat.c. What that calls remote, `tail -f` polls as well.
    ///
    /// An overlayfs may lie over file systems of any kind, so `tail -f` polls it.
    init(magic: UInt32) {
        self =
            switch magic {
            case 0x6969: .silent("NFS")
            case 0x517B, 0xFF53_4D42, 0xFE53_4D42: .silent("SMB/CIFS")
            case 0x6573_5546: .silent("FUSE")
            case 0x0102_1997: .silent("9p")
            case 0x00C3_6400: .silent("Ceph")
            case 0x5346_414F, 0x6B41_4653: .silent("AFS")
            case 0x7375_7245: .silent("Coda")
            case 0x0BD0_0BD0: .silent("Lustre")
            case 0x4750_4653: .silent("GPFS")
            case 0x786F_4256: .silent("VirtualBox shared folders")
            case 0xBACB_ACBC: .silent("VMware shared folders")
            case 0x7C7C_6673: .silent("Parallels shared folders")
            case 0x1983_0326: .silent("BeeGFS")
            case 0x0116_1970: .silent("GFS2")
            case 0x7461_636F: .silent("OCFS2")
            case 0x2003_0528: .silent("OrangeFS")
            case 0xAAD7_AAEA: .silent("PanFS")
            case 0xBEEF_DEAD: .silent("StorNext")
            case 0xA501_FCF5: .silent("VxFS")
            case 0x6163_6673: .silent("ACFS")
            case 0x564C: .silent("NCP")
            case let magic where Self.localMagics.contains(magic): .local
            case 0x794C_7630: .overlay
            case 0x6175_6673: .uncertain("aufs")
            default: .uncertain("a file system of the unknown type 0x\(String(magic, radix: 16))")
            }
    }

    /// An overlayfs. Other hosts do not change it (see ``Canary``).
    package static let overlay = FileSystemKind.uncertain("overlayfs")

    /// Whether this kernel knows of every process that has one of its files open. Of a type that is not known here,
    /// other hosts may have files open.
    package var knowsWriters: Bool { self == .local || self == .overlay }

    /// File systems of this machine's own disks and memory, in the order of linux/magic.h; then those without a number
    /// there.
    private static let localMagics: Set<UInt32> = [
        0xADF5, 0xADFF,  // ADFS, AFFS
        0x0187,  // autofs: its directories are mount points
        0x2FC1_2FC1, 0xCA45_1A4E,  // ZFS, bcachefs
        0x28CD_3D45, 0x7371_7368, 0xE0F5_E1E2,  // cramfs, SquashFS, EROFS
        0x8584_58F6, 0x0102_1994, 0x9584_58F6,  // ramfs, tmpfs, hugetlbfs
        0xF15F,  // eCryptfs
        0xEF53,  // ext2, ext3, ext4
        0x9123_683E, 0x3434, 0xF2F5_2010,  // Btrfs, NILFS, F2FS
        0xF995_E849, 0x9660, 0x72B6,  // HPFS, ISO 9660, JFFS2
        0x5846_5342, 0x3153_464A, 0x5265_4973,  // XFS, JFS, ReiserFS
        0x137F, 0x138F, 0x2468, 0x2478, 0x4D5A,  // MINIX
        0x4D44, 0x2011_BAB0,  // FAT, exFAT
        0x5346_544E, 0x7366_746E,  // NTFS, ntfs3
        0x4244, 0x482B, 0x482C,  // HFS, HFS+, HFSX
        0x1501_3346, 0x2405_1905,  // UDF, UBIFS
        0x0001_1954, 0x5A4F_4653,  // UFS, zonefs
        0x9FA0, 0x6265_6572,  // proc, sysfs: no changes of files are to be told
    ]

    /// The kind of file system of an open descriptor. `local` if the kernel does not say.
    package static func of(_ directory: FileDescriptor) -> FileSystemKind {
        var status = statfs()
        guard fstatfs(directory.rawValue, &status) == 0 else { return .local }
        return FileSystemKind(magic: UInt32(truncatingIfNeeded: status.f_type))
    }

    /// The file system's name if other machines or programs may change its files unseen by this kernel; nil if not.
    package var silentName: String? {
        if case .silent(let name) = self { name } else { nil }
    }
}
