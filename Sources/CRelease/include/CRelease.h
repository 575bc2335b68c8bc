/// Which commit a released program was built from.
#ifndef CRELEASE_H
#define CRELEASE_H

/// The commit, as packaging has written it into the program, or an empty text.
const char *_Nonnull crelease_commit(void);

#endif
