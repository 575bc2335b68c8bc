import ArgumentParser

/// The exit codes that scripts rely on. They are those of sysexits.h.
enum ExitStatus {
    /// EX_DATAERR: some files were rejected.
    static let someRejected = ExitCode(65)
    /// EX_NOINPUT: the manifest is there and cannot be read.
    static let noInput = ExitCode(66)
    /// EX_UNAVAILABLE: no service runs.
    static let unavailable = ExitCode(69)
    /// EX_CANTCREAT: standard output could not be written.
    static let cannotWrite = ExitCode(73)
    /// EX_TEMPFAIL: some files wait for another try, or another process has the state directory.
    static let tryAgain = ExitCode(75)
    /// EX_NOPERM.
    static let noPermission = ExitCode(77)
    /// EX_CONFIG.
    static let configuration = ExitCode(78)
}
