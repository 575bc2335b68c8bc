#include "CRelease.h"

/// Room for the commit, in a section of its own: packaging writes there once the program is linked (objcopy(1)). So
/// nothing is compiled anew for another commit, and a build without packaging needs no file that somebody has to make.
/// packaging/install/source.py knows name and size.
__attribute__((used, section(".outtray.commit"))) static const volatile char commit[64] = "";

const char *crelease_commit(void) { return (const char *)commit; }
