import CLinux
import Glibc
import SystemPackage

/// Wakes a thread out of poll(2). It is an eventfd(2), readable from ``signal()`` until ``clear()``.
package final class WakeUp: Sendable {
    package let descriptor: FileDescriptor

    package init() throws(Errno) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if raw < 0 { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit {
        try? descriptor.close()
    }

    /// May be called from any thread, any number of times.
    package func signal() {
        _ = eventfd_write(descriptor.rawValue, 1)
    }

    /// Takes all signals so far. The woken thread calls it before it looks at what the signals told of.
    package func clear() {
        var count = eventfd_t()
        _ = eventfd_read(descriptor.rawValue, &count)
    }
}
