#ifndef CLINUX_THREADNAME_H
#define CLINUX_THREADNAME_H

// prctl(2) PR_SET_NAME: the calling thread's name in `top -H`. prctl is variadic, so Swift cannot call it itself.
#include <sys/prctl.h>

static inline int clinux_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

#endif
