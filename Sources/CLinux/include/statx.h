/// Tells whether something is mounted on a path, and which mount a path leads to (statx(2), STATX_ATTR_MOUNT_ROOT and
/// STATX_MNT_ID, Linux 5.8). Swift's Glibc module does not import the call.
#ifndef CLINUX_STATX_H
#define CLINUX_STATX_H

#include <stdint.h>
#include <sys/syscall.h>

extern long syscall(long number, ...);

/// Returns 1 if something is mounted on the path, 0 if not, and -1 if the kernel does not tell. Does not follow a link
/// in the last component.
static inline int clinux_is_mount_point(const char *path) {
    // struct statx has 256 bytes. Its second 64-bit word has the attributes, its eighth says which attributes are
    // reported. Not <linux/stat.h>, which would make this module a second owner of the S_ macros.
    uint64_t status[32] = {0};
    const uint64_t mount_root = 0x2000 /* STATX_ATTR_MOUNT_ROOT */;
    if (syscall(SYS_statx, -100 /* AT_FDCWD */, path, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0, status) != 0 ||
        (status[7] & mount_root) == 0) {
        return -1;
    }
    return (status[1] & mount_root) != 0;
}

/// Returns the number of the mount that a path leads to, as /proc/self/mountinfo has it. Otherwise -1 and errno, or
/// -2 if the kernel does not tell.
static inline int64_t clinux_mount_number(const char *path) {
    uint64_t status[32] = {0};
    const uint64_t mount_number = 0x1000 /* STATX_MNT_ID */;
    // The call sets the thread's errno when it fails.
    if (syscall(SYS_statx, -100 /* AT_FDCWD */, path, 0, mount_number, status) != 0) {
        return -1;
    }
    if ((*(uint32_t *)status & mount_number) == 0) {
        return -2;
    }
    // The nineteenth 64-bit word.
    return (int64_t)status[18];
}

#endif
