#ifndef CLINUX_MONOTONIC_H
#define CLINUX_MONOTONIC_H

// CLOCK_MONOTONIC in microseconds, as sd_notify(3) wants it. Swift's clocks do not tell their number.
#include <stdint.h>
#include <time.h>

static inline int64_t clinux_monotonic_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
