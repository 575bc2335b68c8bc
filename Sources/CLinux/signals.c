#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t noted[NSIG];

static void note(int number) {
    noted[number] = 1;
}

void clinux_note_signal(int number) {
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigaction(number, &action, NULL);
}

int clinux_has_noted_signal(int number) {
    return number > 0 && number < NSIG ? noted[number] : 0;
}

/// Notes each SIGHUP of `outtray run`, which asks for a reload. Its default would end the process.
static void note_reloads(int count, char **arguments, char **environment) {
    (void)environment;
    if (count > 1 && strcmp(arguments[1], "run") == 0) clinux_note_signal(SIGHUP);
}

/// Runs before all other code of the process, also before the constructors of its libraries (ELF's
/// DT_PREINIT_ARRAY). The Swift libraries alone take 0.1 s to begin in a debug build.
__attribute__((used, section(".preinit_array"))) static void (*const first)(int, char **, char **) = note_reloads;
