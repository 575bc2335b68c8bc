#ifndef CLINUX_WIDTH_H
#define CLINUX_WIDTH_H

#include <stdint.h>

/// The columns that a character takes on a terminal, by wcwidth(3). -1 if it is not printable.
///
/// Swift does not see wcwidth: glibc declares it only under _XOPEN_SOURCE.
int clinux_width(uint32_t scalar);

#endif
