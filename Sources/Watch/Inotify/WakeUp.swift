import CLinux
import Glibc
import SystemPackage

/// Wakes a thread out of poll(2). It is an eventfd(2), readable from the first ``signal()`` on.
final class WakeUp: Sendable {
    let descriptor: FileDescriptor

    init() throws(Errno) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if raw < 0 { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit {
        try? descriptor.close()
    }

    /// May be called from any thread, any number of times.
    func signal() {
        _ = eventfd_write(descriptor.rawValue, 1)
    }
}
