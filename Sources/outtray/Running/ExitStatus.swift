import ArgumentParser
import Glibc

/// The exit codes that scripts rely on; those of sysexits.h.
enum ExitStatus {
    /// EX_DATAERR: some files were rejected.
    static let someRejected = ExitCode(65)
    /// EX_TEMPFAIL: some files wait for another try, or another process has the state directory.
    static let tryAgain = ExitCode(75)
    /// EX_NOPERM.
    static let noPermission = ExitCode(77)
    /// EX_CONFIG.
    static let configuration = ExitCode(78)
}

/// What a command says to people who watch it: standard error; standard output is for data.
enum Console {
    static func tell(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Whether a person is likely to look at standard error, so that a line may be redrawn.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(written, 0))
        }
    }
}
