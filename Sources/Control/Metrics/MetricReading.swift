/// Values of one family that are read when somebody asks.
package struct MetricReading: Sendable {
    package struct Value: Sendable {
        let labels: MetricLabels
        let value: Double

        package init(_ labels: MetricLabels = [], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    let family: MetricFamily
    let values: [Value]

    package init(_ family: MetricFamily, _ values: [Value]) {
        self.family = family
        self.values = values
    }

    /// One value without labels. Nothing if it could not be read.
    init(_ family: MetricFamily, _ value: Double?) {
        self.init(family, value.map { [Value([], $0)] } ?? [])
    }
}
