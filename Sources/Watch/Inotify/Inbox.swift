import Dispatch
import SystemPackage
import Threads

/// What waits to be handled by the one thread that looks after a folder: raw events up to a bound, and wishes.
///
/// Putting in never blocks. Past the bound, events are dropped and the mail says so, and then the folder must be
/// scanned again.
final class Inbox: Sendable {
    /// All that had come in until it was taken out.
    struct Mail {
        var events: [InotifyEvent] = []
        /// Events were lost, here or in the kernel.
        var overflowed = false
        var rescanAsked = false
        /// Where something was mounted or unmounted.
        var mounts: Set<FilePath> = []
        /// The end: stays so.
        var stopped = false

        var isEmpty: Bool { events.isEmpty && !overflowed && !rescanAsked && mounts.isEmpty && !stopped }
    }

    private struct State {
        var mail = Mail()
        var someoneWaits = false
    }

    private static let mostMounts = 256

    private let bound: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(bound: Int) {
        self.bound = bound
    }

    /// Puts one event in, unless it repeats the last one (a program that writes in small steps).
    func put(_ event: InotifyEvent) {
        change { mail in
            if mail.events.last == event { return }
            if mail.events.count >= bound || event.mask.contains(.queueOverflow) {
                mail.overflowed = true
            } else {
                mail.events.append(event)
            }
        }
    }

    /// Says that events were lost.
    func putOverflow() {
        change { $0.overflowed = true }
    }

    /// Asks for a pass over the whole folder.
    func askRescan() {
        change { $0.rescanAsked = true }
    }

    /// Says where something was mounted or unmounted; too many places are a wish to look at all.
    func putMounts(_ points: Set<FilePath>) {
        change { mail in
            mail.mounts.formUnion(points)
            if mail.mounts.count > Self.mostMounts {
                mail.mounts = []
                mail.rescanAsked = true
            }
        }
    }

    /// Asks the thread to end.
    func stop() {
        change { $0.stopped = true }
    }

    var isStopped: Bool {
        state.withLock { $0.mail.stopped }
    }

    /// Takes out everything, and waits for something to come if there is nothing: blocks for at most `patience`.
    func take(patience: Duration) -> Mail {
        let mustWait = state.withLock { state in
            state.someoneWaits = state.mail.isEmpty && patience > .zero
            return state.someoneWaits
        }
        if mustWait { waitForMail(patience) }
        return state.withLock { state in
            defer { state.mail = Mail(stopped: state.mail.stopped) }
            return state.mail
        }
    }

    private func waitForMail(_ patience: Duration) {
        guard wake.wait(timeout: .now() + .nanoseconds(patience.wholeNanoseconds)) == .timedOut else { return }
        let signalIsUnderWay = state.withLock { state in
            defer { state.someoneWaits = false }
            return !state.someoneWaits
        }
        if signalIsUnderWay { wake.wait() }
    }

    private func change(_ body: (inout Mail) -> Void) {
        let mustWake = state.withLock { state in
            body(&state.mail)
            defer { state.someoneWaits = false }
            return state.someoneWaits
        }
        if mustWake { wake.signal() }
    }
}

extension Duration {
    /// For Dispatch, which counts in nanoseconds; at most a day, which is as good as for ever to one who asks again.
    fileprivate var wholeNanoseconds: Int {
        let (seconds, attoseconds) = min(self, .seconds(86_400)).components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
