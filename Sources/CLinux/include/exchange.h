/// Exchanges two names in one step, and renames without ever replacing (renameat2(2), Linux 3.15). Swift's Glibc module
/// does not import the call.
#ifndef CLINUX_EXCHANGE_H
#define CLINUX_EXCHANGE_H

#include <sys/syscall.h>

extern long syscall(long number, ...);

/// Exchanges two names. Returns 0, or -1 and errno: EINVAL if the file system cannot do it.
static inline int clinux_exchange(const char *path, const char *other) {
    return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, path, -100, other, 2 /* RENAME_EXCHANGE */);
}

/// Renames. Returns 0, or -1 and errno: EEXIST if the new name is taken, EINVAL if the file system cannot do it.
static inline int clinux_rename_noreplace(int from, const char *name, int to, const char *new_name) {
    return (int)syscall(SYS_renameat2, from, name, to, new_name, 1 /* RENAME_NOREPLACE */);
}

#endif
