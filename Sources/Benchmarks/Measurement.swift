import Glibc

/// What one part cost for a number of items.
struct Measurement {
    let part: String
    let count: Int
    /// In seconds, of all threads.
    let cpu: Double
    /// In seconds.
    let wall: Double

    /// Measures work on `count` items. The process does nothing else meanwhile.
    static func of(_ part: String, _ count: Int, _ work: () async throws -> Void) async rethrows -> Measurement {
        let (cpu, wall) = (seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC))
        try await work()
        return Measurement(
            part: part,
            count: count,
            cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
            wall: seconds(CLOCK_MONOTONIC) - wall
        )
    }

    /// One line of JSON. `packaging/benchmarks/rows/inner.py` reads it.
    var json: String { #"{"part": "\#(part)", "count": \#(count), "cpu": \#(cpu), "wall": \#(wall)}"# }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A part that did other work than it was asked for, so that its figures mean nothing.
struct WrongResult: Error, CustomStringConvertible {
    let description: String

    /// Throws if `found` is not what was to come out.
    static func check(_ part: String, _ found: Int, is expected: Int) throws(WrongResult) {
        guard found != expected else { return }
        throw WrongResult(description: "\(part): \(found) instead of \(expected)")
    }
}
