/// Opening beneath a directory, following no link, in one step (openat2(2), Linux 5.6; glibc has no wrapper), and the
/// lease commands of fcntl(2), which Swift's Glibc module does not import.
#ifndef CLINUX_OPENAT2_H
#define CLINUX_OPENAT2_H

// Not <fcntl.h> and <unistd.h>: they would make this module a second owner of `struct stat`, and then every Swift file
// that reads a field of it would have to import this module too.
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>

extern long syscall(long number, ...);
extern int fcntl(int descriptor, int command, ...);

/// Opens `path` beneath `directory` with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; -1 and errno on failure, ENOSYS where
/// the kernel lacks the call.
static inline int clinux_open_beneath(int directory, const char *path, uint64_t flags) {
    struct open_how how = {.flags = flags, .mode = 0, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/// Asks for a read lease and gives it back at once: 0 when nobody has the file open for writing, -1 and errno otherwise
/// (EAGAIN: a writer exists; EACCES, EINVAL: leases are not to be had here).
static inline int clinux_try_read_lease(int descriptor) {
    if (fcntl(descriptor, 1024 /* F_SETLEASE */, 0 /* F_RDLCK */) == -1) {
        return -1;
    }
    fcntl(descriptor, 1024 /* F_SETLEASE */, 2 /* F_UNLCK */);
    return 0;
}

#endif
