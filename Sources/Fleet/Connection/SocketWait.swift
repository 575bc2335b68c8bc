import Glibc
import SystemPackage
import Threads

/// Waits in poll(2) for a socket, a signal or a time, whichever comes first.
struct SocketWait {
    let wakeUp: WakeUp

    /// Returns the events of the socket that have come: none after a signal, or when the time is over. The signals so
    /// far are taken. Without a socket, it waits for the other two.
    func wait(for events: Int32, on socket: CInt = -1, until deadline: SuspendingClock.Instant? = nil) -> Int32 {
        var descriptors = [
            // poll(2) leaves out a negative descriptor.
            pollfd(fd: socket, events: Int16(events), revents: 0),
            pollfd(fd: wakeUp.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, nfds_t(descriptors.count), Self.milliseconds(until: deadline))
        guard ready > 0 else { return 0 }
        if descriptors[1].revents != 0 { wakeUp.clear() }
        return Int32(descriptors[0].revents)
    }

    /// Rounded up, so that the time is over when poll(2) says so. At most an hour: the caller looks at its clock again.
    private static func milliseconds(until deadline: SuspendingClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = min(max(SuspendingClock.now.duration(to: deadline), .zero), .seconds(3600))
        let (seconds, attoseconds) = left.components
        return Int32(seconds) * 1_000 + Int32(attoseconds / 1_000_000_000_000_000) + (left > .zero ? 1 : 0)
    }
}
