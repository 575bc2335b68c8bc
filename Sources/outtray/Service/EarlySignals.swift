import CLinux
import Glibc

/// Signals that arrive before the service listens for them. They are noted, and obeyed as soon as it listens.
///
/// Each SIGHUP of `outtray run` is noted from the first instruction of the process on: see `signals.c`.
enum EarlySignals {
    /// Notes a wish for the end from now on, so that it breaks off nothing half-way. Call this before anything is made.
    ///
    /// Before this call, SIGTERM and SIGINT end the process by themselves.
    static func noteEnd() {
        for signal in [SIGTERM, SIGINT] { clinux_note_signal(signal) }
    }

    /// Whether the end was asked for.
    static var wantEnd: Bool { [SIGTERM, SIGINT].contains { clinux_has_noted_signal($0) != 0 } }

    /// Whether a reload was asked for.
    static var wantReload: Bool { clinux_has_noted_signal(SIGHUP) != 0 }
}
