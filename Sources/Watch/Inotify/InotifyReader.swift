import Glibc
import Logging
import SystemPackage
import Threads

/// Empties the kernel's queue and does nothing else. So the queue does not overflow while other threads work.
struct InotifyReader: Sendable {
    /// Room for 4,000 to 16,000 events a read(2).
    private static let bufferSize = 256 * 1024

    let inotify: Inotify
    let routes: WatchRoutes
    let end: WakeUp
    let logger: Logger

    /// Reads and delivers until `end` is signalled. Blocks, so it needs a thread of its own.
    func drain() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 8)
        defer { buffer.deallocate() }
        while waitForEvents() {
            do throws(Errno) {
                routes.deliver(try inotify.read(into: buffer))
            } catch {
                logger.error("inotify cannot be read, only scans remain", metadata: ["error": "\(error)"])
                return routes.deliverOverflow()
            }
        }
    }

    /// False when it is time to end.
    private func waitForEvents() -> Bool {
        var descriptors = [
            pollfd(fd: inotify.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, nfds_t(descriptors.count), -1)
        return ready <= 0 || descriptors[1].revents == 0
    }
}
