/// Whether something is mounted on a path (statx(2), STATX_ATTR_MOUNT_ROOT, Linux 5.8), which Swift's Glibc module does not
/// import.
#ifndef CLINUX_STATX_H
#define CLINUX_STATX_H

#include <stdint.h>
#include <sys/syscall.h>

extern long syscall(long number, ...);

/// 1 where something is mounted on it, 0 where not; -1 where the kernel does not tell. The last component's link is not
/// followed.
static inline int clinux_is_mount_point(const char *path) {
    // struct statx, 256 bytes: the second word of 64 bits has its attributes, the eighth those that are told at all. Not
    // <linux/stat.h>, which would make this module a second owner of the S_ macros.
    uint64_t status[32] = {0};
    const uint64_t mount_root = 0x2000 /* STATX_ATTR_MOUNT_ROOT */;
    if (syscall(SYS_statx, -100 /* AT_FDCWD */, path, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0, status) != 0 ||
        (status[7] & mount_root) == 0) {
        return -1;
    }
    return (status[1] & mount_root) != 0;
}

#endif
