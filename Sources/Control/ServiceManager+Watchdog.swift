import Glibc

extension ServiceManager {
    /// The longest time between two signs of life for systemd (`WatchdogSec=`). Nil if systemd wants none from this
    /// process. The rule is in sd_watchdog_enabled(3).
    package static func watchdog(_ environment: [String: String], process: Int32 = getpid()) -> Duration? {
        if let given = environment["WATCHDOG_PID"], Int32(given) != process { return nil }
        guard let time = environment["WATCHDOG_USEC"].flatMap(Int64.init), time > 0 else { return nil }
        return .microseconds(time)
    }

    /// Sends a sign of life. The watchdog's time begins anew.
    package func alive() {
        send("WATCHDOG=1")
    }
}
