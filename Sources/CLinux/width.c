#define _XOPEN_SOURCE 700

#include "width.h"

#include <wchar.h>

int clinux_width(uint32_t scalar) {
    return wcwidth((wchar_t)scalar);
}
