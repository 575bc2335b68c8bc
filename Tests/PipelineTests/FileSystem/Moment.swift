import Glibc
import SystemPackage
import TestSupport

/// File times move in steps of the kernel's tick: two writes within one step look alike to whoever compares times.
enum Moment {
    /// Returns once a file written now gets another time than one written before; a few milliseconds.
    static func pass() {
        var start = timespec()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &start)
        repeat { clock_gettime(CLOCK_REALTIME_COARSE, &now) } while now.tv_nsec == start.tv_nsec
    }
}

extension TemporaryDirectory {
    /// Replaces the text of a file, and sets its times back, as `touch -r` does.
    func rewriteKeepingTimes(_ name: String, _ text: String) throws {
        var status = stat()
        guard lstat(at(name).string, &status) == 0 else { throw Errno(rawValue: errno) }
        let times = [status.st_atim, status.st_mtim]
        Moment.pass()
        try edit(name, text)
        guard utimensat(AT_FDCWD, at(name).string, times, 0) == 0 else { throw Errno(rawValue: errno) }
    }
}
