#ifndef CLINUX_XATTR_H
#define CLINUX_XATTR_H

// getxattr(2): a file's access control list, among others. Swift's Glibc module leaves this header out.
#include <sys/xattr.h>

#endif
