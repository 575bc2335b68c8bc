import TestSupport
import Testing

@testable import Pipeline

@Suite struct SnapshotPaceTests {
    private let start = ManualClock().now

    private func pace(_ interval: Duration) -> SnapshotPace<ManualClock.Instant> {
        SnapshotPace(interval: interval, at: start)
    }

    /// When the next write may begin, after one with steps of these lengths.
    private func pause(_ interval: Duration, after steps: [Duration]) -> Duration {
        var pace = pace(interval)
        pace.begin(at: start)
        var now = start
        for step in steps.dropLast() {
            now = now.advanced(by: step)
            pace.step(at: now)
        }
        now = now.advanced(by: steps.last ?? .zero)
        pace.end(at: now)
        return start.duration(to: pace.next)
    }

    @Test func `the first write may begin at once`() {
        #expect(pace(.seconds(10)).next == start)
    }

    @Test func `a short write is repeated after the interval`() {
        #expect(pause(.seconds(1), after: [.milliseconds(1), .milliseconds(20)]) == .seconds(1))
    }

    @Test func `a long one takes a tenth of the time`() {
        let steps = Array(repeating: Duration.milliseconds(100), count: 20)

        #expect(pause(.seconds(1), after: steps) == .seconds(20))
    }

    @Test(arguments: [3, 60, 86_400])
    func `a stop within a write leads to a pause of a few seconds, however long it was`(seconds: Int64) {
        let stop = Duration.seconds(seconds)

        #expect(pause(.seconds(1), after: [.milliseconds(10), stop, .milliseconds(10)]) - stop < .seconds(5))
        #expect(pause(.seconds(1), after: [stop]) - stop < .seconds(5))
    }

    @Test func `the interval holds whatever the work was`() {
        #expect(pause(.seconds(60), after: [.seconds(1)]) == .seconds(60))
    }
}
