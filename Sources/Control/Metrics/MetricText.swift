/// Writes metrics in the text format 0.0.4 of Prometheus
/// (https://github.com/prometheus/docs/blob/main/content/docs/instrumenting/exposition_formats.md).
///
/// Each family comes once, with its help and type. A family without a value is left out.
struct MetricText {
    /// The content type of the format.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// The most lines with a value. Each is a series for Prometheus.
    static let mostLines = 2000

    private(set) var text = ""
    private var lines = 0
    private var left = 0

    /// The text of counted series and of values read now, in the order of `families`.
    static func of(_ families: [MetricFamily], _ registry: MetricRegistry, _ readings: [MetricReading]) -> String {
        var text = MetricText()
        for family in families {
            var samples = registry.entries(of: family).map { Self.samples(of: $0) }
            for reading in readings where reading.family == family {
                samples += reading.values.map { [Sample("", $0.labels, $0.value)] }
            }
            text.write(family, samples)
        }
        if text.left > 0 { text.text += "# \(text.left) lines are left out: there are more than \(mostLines)\n" }
        return text.text
    }

    /// One line: what follows the family's name, the labels, the value.
    private struct Sample {
        let suffix: String
        let labels: MetricLabels
        let value: Double

        init(_ suffix: String, _ labels: MetricLabels, _ value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// Writes a family. The samples of one histogram stay together, or are left out together.
    private mutating func write(_ family: MetricFamily, _ groups: [[Sample]]) {
        var isBegun = false
        for group in groups {
            guard lines + group.count <= Self.mostLines else {
                left += group.count
                continue
            }
            if !isBegun {
                text += "# HELP \(family.name) \(Self.escaped(help: family.help))\n"
                text += "# TYPE \(family.name) \(family.kind.name)\n"
                isBegun = true
            }
            lines += group.count
            for sample in group {
                text += family.name + sample.suffix + Self.text(of: sample.labels)
                text += " \(Self.number(sample.value))\n"
            }
        }
    }

    private static func samples(of entry: MetricRegistry.Entry) -> [Sample] {
        switch entry.series {
        case .counter(let series): return [Sample("", entry.labels, series.value)]
        case .histogram(let series):
            let values = series.values
            var sum = 0
            var samples: [Sample] = []
            for (bound, count) in zip(series.bounds.map(number) + ["+Inf"], values.counts) {
                sum += count
                samples.append(Sample("_bucket", entry.labels + [("le", bound)], Double(sum)))
            }
            return samples + [
                Sample("_sum", entry.labels, values.sum), Sample("_count", entry.labels, Double(sum)),
            ]
        }
    }

    private static func text(of labels: MetricLabels) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped(label: $0.value))\"" }.joined(separator: ",") + "}"
    }

    /// Without a point if it is whole, as `1048576`.
    static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
    }

    static func escaped(label: String) -> String {
        escaped(help: label, also: "\"")
    }

    static func escaped(help: String, also quote: Unicode.Scalar? = nil) -> String {
        var text = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case let scalar where scalar == quote: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
