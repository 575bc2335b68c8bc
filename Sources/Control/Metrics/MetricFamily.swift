/// A metric's name, kind and meaning: what `# HELP` and `# TYPE` say of it.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only grows while the process lives.
        case counter
        case gauge
        /// Counts values up to each of these bounds.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    package let name: String
    package let kind: Kind
    package let help: String

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}

/// A series' labels, in order.
package typealias MetricLabels = [(name: String, value: String)]
