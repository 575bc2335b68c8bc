import Metrics
import Threads

/// A sum that only grows.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let sum = Mutex(0.0)

    var value: Double { sum.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        // A counter never falls.
        if amount > 0 { sum.withLock { $0 += amount } }
    }

    func reset() { sum.withLock { $0 = 0 } }
}

/// Counts values by size. Times are in seconds.
final class HistogramSeries: RecorderHandler, TimerHandler {
    struct State {
        /// How many values are up to each bound and above the bound before; the last are above all bounds.
        var counts: [Int]
        var sum = 0.0
    }

    let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var values: State { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
