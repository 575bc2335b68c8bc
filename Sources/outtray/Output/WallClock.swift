import Glibc
import Pipeline

/// Writes moments for people, in the machine's time zone: the time alone for today, else with the date.
struct WallClock {
    let now: Timestamp

    func words(_ time: Timestamp) -> String {
        let isToday = text(time, "%F") == text(now, "%F")
        return text(time, isToday ? "%T" : "%F %T")
    }

    private func text(_ time: Timestamp, _ format: String) -> String {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return String(unsafeUninitializedCapacity: 64) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, format, &parts) }
        }
    }
}
