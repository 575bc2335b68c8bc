import FoundationEssentials
import Glibc

/// A moment of wall time, in milliseconds since the epoch. It is for people, for the manifest, and for times that
/// outlive a restart. Rules that wait take a `Clock` instead.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package let milliseconds: Int64

    /// As the times of a ``FileVersion`` are given.
    package var nanoseconds: Int64 { milliseconds * 1_000_000 }

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds + duration.milliseconds)
    }

    /// ISO 8601 in UTC, to the second: `2026-11-22T10:15:30Z`.
    package var iso8601: String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }

    /// Reads a moment as ``iso8601`` writes it; nil for any other text.
    package init?(iso8601 text: String) {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self.init(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }
}

extension Duration {
    /// Whole milliseconds; a fraction is cut off.
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
