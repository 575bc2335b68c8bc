import Dispatch
import SystemPackage
import Threads

/// The mail for the thread of one folder: raw events up to a bound, and requests.
///
/// Putting mail in never blocks. Past the bound, events are dropped, and the mail says so. Then the folder must be
/// scanned again.
final class Inbox: Sendable {
    /// Everything that came in until it was taken out.
    struct Mail {
        var events: [InotifyEvent] = []
        /// Events were lost, here or in the kernel.
        var overflowed = false
        var rescanAsked = false
        /// Places where something was mounted or unmounted.
        var mounts: Set<FilePath> = []
        /// The thread is to end. Stays true.
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

    /// Puts one event in. Drops the event if it repeats the last one, as a program with many small writes causes.
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

    /// Notes that events were lost.
    func putOverflow() {
        change { $0.overflowed = true }
    }

    /// Asks for a scan of the whole folder.
    func askRescan() {
        change { $0.rescanAsked = true }
    }

    /// Notes where something was mounted or unmounted. Too many places become a request for a scan.
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

    /// Takes everything out. If there is nothing, waits for mail: blocks for at most `patience`.
    func next(within patience: Duration) -> Mail {
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
    /// The nanoseconds that Dispatch counts in. At most a day: the caller asks again then.
    fileprivate var wholeNanoseconds: Int {
        let (seconds, attoseconds) = min(self, .seconds(86_400)).components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
