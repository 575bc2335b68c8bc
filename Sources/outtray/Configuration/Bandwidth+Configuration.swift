import Pipeline

extension ConfigurationMapping {
    /// How fast bytes may go out: a rate, `off`, or a list of a time of day and a rate each.
    mutating func bandwidth() -> Bandwidth? {
        guard let node = node("bandwidth") else { return nil }
        guard let elements = node.elements else {
            return value("bandwidth", expected: BandwidthText.expected) { text in
                BandwidthText.rate(text).map { Bandwidth(rate: $0) }
            }
        }
        let steps = elements.compactMap { element in
            let step = element.text.flatMap(BandwidthText.step)
            if step == nil {
                let given = element.text.map { ", not \"\($0.cut)\"" } ?? ""
                report(element.problem("must be a time of day and a rate, such as \"07:00 5Mbit/s\"\(given)"))
            }
            return step
        }
        // The problem of an element is told already.
        guard steps.count == elements.count else { return nil }
        guard let bandwidth = Bandwidth(steps) else {
            report(node.problem(steps.isEmpty ? "must be \(BandwidthText.expected)" : "has one time of day twice"))
            return nil
        }
        return bandwidth
    }
}

/// How a bandwidth is written: `20Mbit/s`, `2MB/s`, `off`, `07:00 5Mbit/s`.
enum BandwidthText {
    static let expected =
        "a rate such as 20Mbit/s or 2MB/s, of 64kbit/s at least, or off, or a list such as [\"07:00 5Mbit/s\", \"23:00 off\"]"

    /// A rate in bytes a second; nil inside for `off`. Nil for any other text, and for less than ``Bandwidth/lowest``.
    static func rate(_ text: String) -> Int64?? {
        if text == "off" { return .some(nil) }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let amount = Double(digits), let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        let rate = amount * unit
        guard rate >= Double(Bandwidth.lowest), rate <= highest else { return nil }
        return .some(Int64(rate))
    }

    /// `07:00 5Mbit/s`.
    static func step(_ text: String) -> Bandwidth.Step? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let rate = rate(String(parts[1])) else { return nil }
        let time = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 2, time.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(time[0]), let minute = Int(time[1]), hour < 24, minute < 60
        else { return nil }
        return Bandwidth.Step(minute: hour * 60 + minute, rate: rate)
    }

    /// 1 Tbit/s, in bytes a second. More is a mistake; no limit is `off`.
    private static let highest = 125e9

    /// In bytes. Upper and lower case differ, as they do for bits and bytes: nobody knows what `Mb/s` means.
    private static let units: [String: Double] = [
        "kbit/s": 1e3 / 8, "Mbit/s": 1e6 / 8, "Gbit/s": 1e9 / 8,
        "kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9, "KiB/s": 1024, "MiB/s": 1_048_576, "GiB/s": 1_073_741_824,
    ]
}
