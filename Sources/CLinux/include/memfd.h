/// A file in memory (memfd_create(2), Linux 3.17), and a pipe whose ends no child inherits (pipe2(2)). Swift's Glibc
/// module does not import these calls.
#ifndef CLINUX_MEMFD_H
#define CLINUX_MEMFD_H

#include <sys/syscall.h>

extern long syscall(long number, ...);

/// Returns a descriptor that is closed on exec, or -1 and errno.
static inline int clinux_memory_file(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1 /* MFD_CLOEXEC */);
}

/// Makes a pipe: `ends` gets its read end and its write end, both closed on exec. Returns 0, or -1 and errno.
static inline int clinux_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, 02000000 /* O_CLOEXEC */);
}

#endif
