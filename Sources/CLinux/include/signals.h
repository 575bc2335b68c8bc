/// Signals that arrive before anything in the process listens for them.
#ifndef CLINUX_SIGNALS_H
#define CLINUX_SIGNALS_H

/// Lets a signal only be noted from now on, instead of ending the process. Whoever listens for it later, such as
/// Dispatch, takes the place of that.
void clinux_note_signal(int number);

/// Whether this signal has arrived since, and nothing but the note took it.
int clinux_has_noted_signal(int number);

#endif
