#ifndef CLINUX_STATFS_H
#define CLINUX_STATFS_H

// statfs(2): which kind of file system a path is on. Glibc's Swift overlay leaves this header out.
#include <sys/vfs.h>

#endif
