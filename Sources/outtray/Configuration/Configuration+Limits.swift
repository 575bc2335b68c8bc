import Pipeline

/// `limits:` of an account or a folder, as far as it is given.
struct ConfiguredLimits {
    var sizes = SizeLimits()
    var rules = MediaRules.none
}

extension ConfigurationMapping {
    /// Reads a limit for each kind: `video: 500MB`, or `video: {bytes: 500MB, pixels: ..8294400, seconds: 3..1800}`.
    mutating func limits(_ name: String) -> ConfiguredLimits? {
        guard let node = node(name) else { return nil }
        var mapping = ConfigurationMapping(node)
        var limits = ConfiguredLimits()
        for kind in MediaKind.allCases { mapping.limit(of: kind, into: &limits) }
        adopt(mapping.finish())
        return limits
    }

    private mutating func limit(of kind: MediaKind, into limits: inout ConfiguredLimits) {
        guard let node = node(kind.key) else { return }
        guard node.text == nil, node.elements == nil else {
            let more = "{bytes: 500MB\(kind == .document ? "" : ", …")}"
            let cap = value(kind.key, expected: "a size such as 500MB or 5GiB, or \(more)", parse: ByteCount.init)
            if let cap { limits.sizes[kind] = cap }
            return
        }
        var mapping = ConfigurationMapping(node)
        let cap = mapping.value("bytes", expected: "a size such as 500MB or 5GiB", parse: ByteCount.init)
        if let cap { limits.sizes[kind] = cap }
        if kind != .document, let pixels = mapping.bounds("pixels", such: "36152319 or 40000..36152319", unit: 1) {
            limits.rules[kind].pixels = pixels
        }
        if kind == .video, let duration = mapping.bounds("seconds", such: "1800, 3.. or 3..1800", unit: 1000) {
            limits.rules[kind].duration = duration
        }
        adopt(mapping.finish())
    }

    /// Reads `3..1800`, `3..`, `..1800`, or a bare number, which is the most. `unit` is what 1 stands for.
    private mutating func bounds(_ name: String, such: String, unit: Int64) -> Bounds? {
        let expected = "a number above 0, which is the most, or a range, such as \(such)"
        return value(name, expected: expected, hint: { Self.advice($0, name) }) {
            Bounds(configuration: $0, unit: unit)
        }
    }

    private static func advice(_ text: String, _ name: String) -> String? {
        if let numbers = unitless(text, name) { return "\(name) have no unit, as \(numbers)" }
        let unit = text.reversed().prefix { $0.isLetter }.count
        if unit > 0, Bounds(configuration: String(text.dropLast(unit).trimmed), unit: 1000) != nil {
            return "\(name) have no unit"
        }
        // People write a range with one of these.
        guard let mark = ["..", "-", "–"].compactMap({ text.firstRange(of: $0) }).first else { return nil }
        let (lower, upper) = (text[..<mark.lowerBound].trimmed, text[mark.upperBound...].trimmed)
        if Bounds(configuration: "\(lower)..\(upper)", unit: 1000) != nil { return "write \(lower)..\(upper)" }
        let turned = "\(upper)..\(lower)"
        return Bounds(configuration: turned, unit: 1000) == nil ? nil : "the lower number comes first, as \(turned)"
    }
}

extension ConfigurationMapping {
    /// What a number with such a unit stands for, in thousandths of what the key counts.
    private static let units: [String: [String: Int64]] = [
        "pixels": ["px": 1000, "pixel": 1000, "pixels": 1000],
        "seconds": [
            "ms": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000, "m": 60_000, "min": 60_000,
            "minute": 60_000, "minutes": 60_000, "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
        ],
    ]

    /// The same number or range without units: `1800` for `30m`. Nil where a unit is not known, and where one number of
    /// two has none: nobody knows whether `3..30m` begins with seconds.
    private static func unitless(_ text: String, _ name: String) -> String? {
        let mark = text.firstRange(of: "..")
        let sides = mark.map { [text[..<$0.lowerBound], text[$0.upperBound...]] } ?? [text[...]]
        var numbers: [String] = []
        for side in sides {
            let side = side.trimmed
            guard !side.isEmpty else {
                numbers.append("")
                continue
            }
            let unit = side.reversed().prefix { $0.isLetter }.count
            guard let factor = units[name]?[side.suffix(unit).lowercased()],
                let thousandths = Bounds(configuration: String(side.dropLast(unit).trimmed), unit: 1000)?.most,
                case let (product, overflows) = thousandths.multipliedReportingOverflow(by: factor), !overflows,
                product % 1000 == 0
            else { return nil }
            numbers.append(MediaMeasure.decimal(product / 1000))
        }
        let bare = numbers.joined(separator: "..")
        return Bounds(configuration: bare, unit: name == "seconds" ? 1000 : 1) == nil ? nil : bare
    }
}

extension Bounds {
    /// Reads `3..1800`, `3..`, `..1800`, or `1800` for at most so many.
    ///
    /// `unit` is what 1 stands for: 1000 allows three decimals. Nil for anything else, for a most of 0,
    /// and for a range that has nothing in it.
    init?(configuration text: String, unit: Int64) {
        func number(_ text: Substring) -> Int64?? {
            if text.isEmpty { return .some(nil) }
            return Self.number(text, unit: unit).map(Optional.some)
        }
        let range = text.firstRange(of: "..")
        let lower = range.map { text[..<$0.lowerBound] } ?? ""
        let upper = range.map { text[$0.upperBound...] } ?? text[...]
        guard let least = number(lower), let most = number(upper), least != nil || most != nil, most != 0 else {
            return nil
        }
        self.init(least: least, most: most)
        if isEmpty { return nil }
    }

    private static func number(_ text: Substring, unit: Int64) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }),
            let whole = Int64(parts[0])
        else { return nil }
        let (product, overflows) = whole.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        guard parts.count == 2 else { return product }
        guard unit == 1000, parts[1].count <= 3,
            let thousandths = Int64(parts[1] + String(repeating: "0", count: 3 - parts[1].count))
        else { return nil }
        let (sum, tooMuch) = product.addingReportingOverflow(thousandths)
        return tooMuch ? nil : sum
    }
}
