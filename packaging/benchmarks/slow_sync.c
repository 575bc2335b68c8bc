// For LD_PRELOAD: a disk whose fsync takes SYNC_MS milliseconds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void nap(void) { usleep(1000 * (useconds_t)atoi(getenv("SYNC_MS"))); }

int fsync(int file) {
    nap();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
    nap();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}
