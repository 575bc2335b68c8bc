/// How many arenas malloc has (mallopt(3)), in a header that Swift's Glibc module does not import.
#ifndef CLINUX_ARENAS_H
#define CLINUX_ARENAS_H

#include <malloc.h>

/// Bounds the arenas of the whole process; to be called before there is a second thread. 0 where it is refused.
static inline int clinux_bound_arenas(int most) {
    return mallopt(M_ARENA_MAX, most);
}

#endif
