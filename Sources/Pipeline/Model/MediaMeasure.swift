/// What was measured of a picture or a video, without decoding it. A part that the file does not tell is nil: never 0,
/// and never a guess.
package struct MediaMeasure: Hashable, Sendable {
    /// Width and height in pixels: of an image as it is stored, of a video as it is shown. Both are known, or neither.
    package var width: Int64?
    package var height: Int64?
    package var duration: Duration?

    package init(width: Int64? = nil, height: Int64? = nil, duration: Duration? = nil) {
        self.width = width
        self.height = height
        self.duration = duration
    }

    package static let unknown = MediaMeasure()

    /// Width times height.
    package var pixels: Int64? {
        guard let width, let height else { return nil }
        let (product, overflows) = width.multipliedReportingOverflow(by: height)
        return overflows ? nil : product
    }

    /// The duration in whole milliseconds.
    package var milliseconds: Int64? {
        get { duration?.milliseconds }
        set { duration = newValue.map { .milliseconds($0) } }
    }
}

extension MediaMeasure {
    /// The longest duration that is believed: 30 days. A longer one is a placeholder, or a mistake.
    static let longest = Duration.seconds(30 * 86_400)

    /// By numbers out of a file. A side of 0, or of more than 31 bits, is a mistake: then both sides are unknown. So is
    /// a duration above ``longest``.
    init(sides: (width: UInt64?, height: UInt64?), duration: Duration? = nil) {
        self.init(duration: duration.flatMap { $0 <= Self.longest ? $0 : nil })
        let allowed: ClosedRange<UInt64> = 1...UInt64(Int32.max)
        guard let width = sides.width, let height = sides.height, allowed.contains(width), allowed.contains(height)
        else { return }
        (self.width, self.height) = (Int64(width), Int64(height))
    }

    /// `units` of which `perSecond` make a second, to the nearest millisecond. Nil if the result is 0, or more than 63
    /// bits of microseconds hold.
    static func duration(_ units: UInt64?, perSecond: UInt64?) -> Duration? {
        guard let units, let perSecond, perSecond > 0 else { return nil }
        let product = units.multipliedFullWidth(by: 1000)
        guard product.high < perSecond else { return nil }
        let (quotient, rest) = perSecond.dividingFullWidth(product)
        let milliseconds = rest >= perSecond - rest ? quotient + 1 : quotient
        guard (1...UInt64(Int64.max / 1000)).contains(milliseconds) else { return nil }
        return .milliseconds(Int64(milliseconds))
    }
}

extension MediaMeasure {
    /// The fields of a measure, each with one name. The manifest shows them; the ledger has a column for each.
    package static let fields: [FieldCodec<MediaMeasure>] = [
        .amount("width", \.width),
        .amount("height", \.height),
        .amount("durationMs", \.milliseconds),
    ]

    /// For people: `0:42 · 1080 × 1920`. Empty if nothing is known.
    package var words: String {
        let sides = width.flatMap { width in height.map { "\(width) × \($0)" } }
        return [duration.map(Self.clock), sides].compactMap(\.self).joined(separator: " · ")
    }

    /// `0:42`, `1:02:03`: whole seconds as a player shows them. Less than a second is `0.4 s`.
    package static func clock(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        if milliseconds < 1000 { return "\(Self.decimal(milliseconds)) s" }
        let seconds = milliseconds / 1000
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
    }

    /// Thousandths as a number of at most three decimals: `2.4`, `3`, `0.012`.
    package static func decimal(_ thousandths: Int64) -> String {
        let rest = String(thousandths % 1000 + 1000).dropFirst()
        let decimals = rest.reversed().drop { $0 == "0" }.reversed()
        return decimals.isEmpty ? "\(thousandths / 1000)" : "\(thousandths / 1000).\(String(decimals))"
    }
}
