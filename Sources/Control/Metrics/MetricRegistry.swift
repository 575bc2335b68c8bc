import Metrics
import Threads

/// The series that were counted so far: swift-metrics' factory for the families of ``MetricFamily/all``.
///
/// It is handed to each metric, and is not the process's factory. So libraries that count for themselves add nothing.
/// A metric that is no family of ours, or past the bound, is counted nowhere.
package final class MetricRegistry: MetricsFactory {
    /// The most series of one registry, each with a set of labels.
    static let most = 1000

    enum Series {
        case counter(CounterSeries)
        case histogram(HistogramSeries)
    }

    struct Entry {
        let labels: MetricLabels
        let series: Series
    }

    private struct State {
        /// By family, then by label values.
        var entries: [String: [[String]: Entry]] = [:]
        var count = 0
    }

    private let families: [String: MetricFamily]
    private let state = Mutex(State())

    package init(_ families: [MetricFamily] = MetricFamily.all) {
        self.families = Dictionary(families.map { ($0.name, $0) }) { first, _ in first }
    }

    /// A family's series, ordered by their label values.
    func entries(of family: MetricFamily) -> [Entry] {
        let known = state.withLock { $0.entries[family.name] ?? [:] }
        return known.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Gauges are read when somebody asks (``MetricReading``).
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        NOOPMetricsHandler.instance
    }

    // A series stays as long as the registry: Prometheus takes one that comes back at zero for a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ name: String, _ labels: [(String, String)]) -> CounterSeries? {
        guard let family = families[name], family.kind == .counter else { return nil }
        guard case .counter(let series)? = entry(name, labels, .counter(CounterSeries())) else { return nil }
        return series
    }

    private func histogram(_ name: String, _ labels: [(String, String)]) -> HistogramSeries? {
        guard case .histogram(let bounds)? = families[name]?.kind else { return nil }
        let new = Series.histogram(HistogramSeries(bounds: bounds))
        guard case .histogram(let series)? = entry(name, labels, new) else { return nil }
        return series
    }

    /// The series with these labels: the known one, else `new`. Nil past the bound.
    private func entry(_ name: String, _ labels: [(String, String)], _ new: Series) -> Series? {
        state.withLock { state in
            let key = labels.map(\.1)
            if let known = state.entries[name]?[key] { return known.series }
            guard state.count < Self.most else { return nil }
            state.count += 1
            let labels = labels.map { (name: $0.0, value: $0.1) }
            state.entries[name, default: [:]][key] = Entry(labels: labels, series: new)
            return new
        }
    }
}
