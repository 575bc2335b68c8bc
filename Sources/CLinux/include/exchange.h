/// Exchanging two names in one step, and renaming without ever replacing (renameat2(2), Linux 3.15), which Swift's Glibc
/// module does not import.
#ifndef CLINUX_EXCHANGE_H
#define CLINUX_EXCHANGE_H

#include <sys/syscall.h>

extern long syscall(long number, ...);

/// 0, or -1 and errno: EINVAL where the file system cannot do it.
static inline int clinux_exchange(const char *path, const char *other) {
    return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, path, -100, other, 2 /* RENAME_EXCHANGE */);
}

/// 0, or -1 and errno: EEXIST where the new name is taken, EINVAL where the file system cannot do it.
static inline int clinux_rename_noreplace(int from, const char *name, int to, const char *new_name) {
    return (int)syscall(SYS_renameat2, from, name, to, new_name, 1 /* RENAME_NOREPLACE */);
}

#endif
