/// The number of malloc's arenas (mallopt(3)). Swift's Glibc module does not import the header.
#ifndef CLINUX_ARENAS_H
#define CLINUX_ARENAS_H

#include <malloc.h>

/// Bounds the arenas of the whole process. Call it before there is a second thread. Returns 0 if it is refused.
static inline int clinux_bound_arenas(int most) {
    return mallopt(M_ARENA_MAX, most);
}

#endif
