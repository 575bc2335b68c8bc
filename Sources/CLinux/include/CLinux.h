#ifndef CLINUX_H
#define CLINUX_H

#include "arenas.h"
#include "eventfd.h"
#include "exchange.h"
#include "memfd.h"
#include "monotonic.h"
#include "openat2.h"
#include "opath.h"
#include "pidfd.h"
#include "signals.h"
#include "statfs.h"
#include "statx.h"
#include "threadname.h"
#include "width.h"
#include "xattr.h"

#endif
