#ifndef CLINUX_STATFS_H
#define CLINUX_STATFS_H

// statfs(2): the kind of file system of a path. Glibc's Swift overlay leaves this header out.
#include <sys/vfs.h>

#endif
