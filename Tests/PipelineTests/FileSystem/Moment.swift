import Glibc

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
