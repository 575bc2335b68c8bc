import Glibc

extension ServiceManager {
    /// Within which time systemd wants a sign of life, again and again (`WatchdogSec=`); nil where it wants none from this
    /// process. sd_watchdog_enabled(3) has the rule.
    package static func watchdog(_ environment: [String: String], process: Int32 = getpid()) -> Duration? {
        if let given = environment["WATCHDOG_PID"], Int32(given) != process { return nil }
        guard let time = environment["WATCHDOG_USEC"].flatMap(Int64.init), time > 0 else { return nil }
        return .microseconds(time)
    }

    /// The service turns: the watchdog's time begins anew.
    package func alive() {
        send("WATCHDOG=1")
    }
}
