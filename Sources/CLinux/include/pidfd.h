/// Takes a descriptor out of another process (pidfd_open(2), pidfd_getfd(2), Linux 5.6). glibc 2.36 has these calls in
/// a header that Swift's Glibc module does not import.
#ifndef CLINUX_PIDFD_H
#define CLINUX_PIDFD_H

#include <sys/syscall.h>

extern long syscall(long number, ...);
extern int close(int descriptor);

/// Returns a duplicate of a child's descriptor, or -1 and errno.
static inline int clinux_take_descriptor(int process, int descriptor) {
    int handle = (int)syscall(SYS_pidfd_open, process, 0);
    if (handle < 0) {
        return -1;
    }
    int taken = (int)syscall(SYS_pidfd_getfd, handle, descriptor, 0);
    close(handle);
    return taken;
}

#endif
