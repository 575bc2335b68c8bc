import Glibc
import SystemPackage
import Threads

/// What a command says to people who watch it: standard error; standard output is for data.
enum Console {
    private static let failure = Mutex<Errno?>(nil)

    /// Why standard output could not be written; nil as long as it could. Such a command is no success.
    static var outputFailure: Errno? { failure.withLock { $0 } }

    static func tell(_ text: String) {
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Prints data. After the first failure nothing more is printed: what follows a gap is worth nothing.
    static func print(_ text: String) {
        guard outputFailure == nil, let errno = write(text + "\n", to: STDOUT_FILENO) else { return }
        failure.withLock { $0 = $0 ?? errno }
    }

    /// Whether a person is likely to look at standard error, so that a line may be redrawn.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether what is printed goes to a person's terminal, and not to a program.
    static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes all of it, or says why not. A pipe that is full for now is waited for, also one that does not block.
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

    /// Takes the places of standard streams that are closed: the next file to be opened would get one of them, and what
    /// is told would go into it. Writing to such a standard output still fails.
    static func occupyClosedStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// What was printed is where it belongs: some file systems tell only at a close that they could not write.
    ///
    /// Says what kept it from there, but for a reader that went away, as that of `outtray manifest list | head` does.
    static func finishOutput() -> Bool {
        if outputFailure == nil {
            let copy = dup(STDOUT_FILENO)
            if copy >= 0, close(copy) != 0 {
                let errno = Errno(rawValue: errno)
                failure.withLock { $0 = errno }
            }
        }
        guard let outputFailure else { return true }
        if outputFailure != .brokenPipe { tell("outtray: standard output cannot be written: \(outputFailure)") }
        return false
    }
}
