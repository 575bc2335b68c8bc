#ifndef CLINUX_OPATH_H
#define CLINUX_OPATH_H

// open(2) O_PATH: a descriptor for a place in the tree, without the right to read it. The value is from the kernel's
// asm-generic/fcntl.h, which x86-64 and arm64 share.
enum { CLINUX_O_PATH = 010000000 };

#endif
