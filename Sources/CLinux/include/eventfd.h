#ifndef CLINUX_EVENTFD_H
#define CLINUX_EVENTFD_H

// eventfd(2): one descriptor that wakes a thread out of poll(2). Glibc's Swift overlay leaves this header out.
#include <sys/eventfd.h>

#endif
