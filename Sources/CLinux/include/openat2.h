/// Opens a path beneath a directory in one step and follows no link (openat2(2), Linux 5.6). glibc has no wrapper for
/// it. Also the lease commands of fcntl(2), which Swift's Glibc module does not import.
#ifndef CLINUX_OPENAT2_H
#define CLINUX_OPENAT2_H

// Not <fcntl.h> and <unistd.h>: they would make this module a second owner of `struct stat`. Then every Swift file that
// reads a field of it would have to import this module, too.
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>

extern long syscall(long number, ...);
extern int fcntl(int descriptor, int command, ...);

/// Opens `path` beneath `directory` with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS. Returns the descriptor, or -1 and
/// errno: ENOSYS if the kernel lacks the call.
static inline int clinux_open_beneath(int directory, const char *path, uint64_t flags) {
    struct open_how how = {.flags = flags, .mode = 0, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/// Asks for a read lease and gives it back at once. Returns 0 if nobody has the file open for writing. Otherwise -1 and
/// errno. EAGAIN: a writer exists. EACCES, EINVAL: there are no leases here.
static inline int clinux_try_read_lease(int descriptor) {
    if (fcntl(descriptor, 1024 /* F_SETLEASE */, 0 /* F_RDLCK */) == -1) {
        return -1;
    }
    fcntl(descriptor, 1024 /* F_SETLEASE */, 2 /* F_UNLCK */);
    return 0;
}

#endif
