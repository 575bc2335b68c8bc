import CLinux
import Glibc
import SystemPackage

/// The kind of file system of a folder, and whether inotify reports all its changes.
///
/// On a network file system, changes by another machine never reach this kernel's inotify. The same is mostly true of
/// FUSE (inotify(7), "Limitations and caveats").
package enum FileSystemKind: Equatable {
    case local
    /// The file system's name, for people who read why it is polled.
    case silent(String)

    /// The kind by statfs(2)'s `f_type`. The numbers come from linux/magic.h and statfs(2).
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
            default: .local
            }
    }

    /// The kind of file system of an open descriptor. `local` if the kernel does not say.
    package static func of(_ directory: FileDescriptor) -> FileSystemKind {
        var status = statfs()
        guard fstatfs(directory.rawValue, &status) == 0 else { return .local }
        return FileSystemKind(magic: UInt32(truncatingIfNeeded: status.f_type))
    }
}
