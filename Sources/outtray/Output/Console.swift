import Foundation
import Glibc
import SystemPackage
import Threads

/// A command's words to people, on standard error. Standard output is for data.
enum Console {
    private static let failure = Mutex<Errno?>(nil)

    /// Why standard output could not be written; nil as long as it could. A command with such a failure is no success.
    static var outputFailure: Errno? { failure.withLock { $0 } }

    /// Prints data. After the first failure nothing more is printed, because data after a gap is worth nothing.
    static func print(_ text: String) {
        printWhole(text + "\n")
    }

    /// Prints data that has its own line ends.
    static func printWhole(_ text: String) {
        guard outputFailure == nil, let errno = write(text, to: STDOUT_FILENO) else { return }
        failure.withLock { $0 = $0 ?? errno }
    }

    /// Whether a person is likely to look at standard error, so that a line may be redrawn.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether printed data goes to a person's terminal, and not to a program.
    static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether printed data may have colours. It then goes to a person's terminal, not to a dumb one, and there is no
    /// `NO_COLOR` (no-color.org).
    static var isOutputColoured: Bool {
        isOutputTerminal && isColourful(ProcessInfo.processInfo.environment)
    }

    /// Whether an environment lets a terminal have colours.
    static func isColourful(_ environment: [String: String]) -> Bool {
        (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Writes the whole text, or returns the error that stopped it. Waits for a full pipe, even a non-blocking one
    /// (EAGAIN).
    @discardableResult
    static func write(_ text: String, to descriptor: CInt) -> Errno? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            let failure = errno
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if failure == EAGAIN {
                var full = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&full, 1, -1)
            } else if failure != EINTR {
                return Errno(rawValue: failure)
            }
        }
        return nil
    }

    /// Takes the places of standard streams that are closed.
    ///
    /// Otherwise the next file to be opened would get such a place, and receive the command's output. Writing to such a
    /// standard output still fails.
    static func occupyClosedStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Why printed data is not where it belongs; nil if all is.
    ///
    /// Some file systems report a failed write only at a close.
    static func finishOutput() -> Errno? {
        if outputFailure == nil {
            let copy = dup(STDOUT_FILENO)
            if copy >= 0, close(copy) != 0 {
                let errno = Errno(rawValue: errno)
                failure.withLock { $0 = errno }
            }
        }
        return outputFailure
    }
}
