import Glibc
import Watch

/// What the kernel tells of this process, under the names that Prometheus' own clients use
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
enum ProcessReadings {
    static func all() -> [MetricReading] {
        var usage = rusage()
        let hasUsage = getrusage(RUSAGE_SELF.rawValue, &usage) == 0
        var limit = rlimit()
        let hasLimit = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return [
            MetricReading(.cpu, hasUsage ? seconds(usage.ru_utime) + seconds(usage.ru_stime) : nil),
            MetricReading(.openFiles, openFiles()),
            MetricReading(.maxFiles, hasLimit ? Double(limit.rlim_cur) : nil),
            MetricReading(.memory, residentMemory()),
            MetricReading(.startTime, startTime),
        ]
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The entries of `/proc/self/fd`, without the one that this look needs.
    private static func openFiles() -> Double? {
        ProcFile.names(in: "/proc/self/fd").map { Double($0.count - 1) }
    }

    /// The second field of `/proc/self/statm`, in pages (proc(5)).
    private static func residentMemory() -> Double? {
        guard let fields = ProcFile.text("/proc/self/statm")?.split(separator: " "), fields.count > 1 else {
            return nil
        }
        return Double(fields[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// When the process began: `btime` of `/proc/stat`, and the 22nd field of `/proc/self/stat` in ticks since then.
    private static let startTime: Double? = {
        guard let stat = ProcFile.text("/proc/self/stat"), let name = stat.lastIndex(of: ")"),
            let boot = ProcFile.text("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let began = Double(boot.dropFirst("btime ".count))
        else { return nil }
        // The second field, the name in brackets, may hold spaces. The third follows it.
        let fields = stat[name...].dropFirst().split(separator: " ")
        guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
        return began + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()
}
