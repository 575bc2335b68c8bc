#include "CPostgres.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int load(void *library, const char *name, void *entry, char *reason, size_t room) {
    void *function = dlsym(library, name);
    if (function == NULL) {
        snprintf(reason, room, "it lacks %s", name);
        return -1;
    }
    // ISO C has no cast from an object's address to a function's. POSIX has both of one form.
    memcpy(entry, &function, sizeof(function));
    return 0;
}

int cpostgres_load(const char *name, cpostgres_functions *functions, char *reason, size_t room) {
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *said = dlerror();
        snprintf(reason, room, "%s", said == NULL ? "dlopen failed" : said);
        return -1;
    }
#define LOAD(result, name, arguments)                                                                                  \
    if (load(library, #name, &functions->name, reason, room) != 0) {                                                  \
        return -1;                                                                                                     \
    }
    CPOSTGRES_FUNCTIONS(LOAD)
#undef LOAD
    return 0;
}
