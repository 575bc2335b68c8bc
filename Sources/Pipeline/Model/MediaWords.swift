/// Measures and their limits as people read them.
package enum MediaWords {
    /// `48,000,000 pixels (8000 × 6000)`.
    package static func pixels(_ measure: MediaMeasure) -> String {
        guard let pixels = measure.pixels, let width = measure.width, let height = measure.height else { return "" }
        return "\(pixels.grouped) pixels (\(width) × \(height))"
    }

    /// `2.4 s` below a minute, else `31:00`. A fraction is kept where it decides: `30:00.5`.
    package static func seconds(_ milliseconds: Int64) -> String {
        if milliseconds < 60_000 { return "\(MediaMeasure.decimal(milliseconds)) s" }
        let fraction = MediaMeasure.decimal(milliseconds % 1000).dropFirst()
        return MediaMeasure.clock(.milliseconds(milliseconds)) + fraction
    }

    /// `at most 30:00`, `at least 3 s`, `3 s to 30:00`.
    package static func limit(_ bounds: Bounds, _ words: (Int64) -> String) -> String {
        switch (bounds.least, bounds.most) {
        case (let least?, let most?): "\(words(least)) to \(words(most))"
        case (let least?, nil): "at least \(words(least))"
        case (nil, let most?): "at most \(words(most))"
        case (nil, nil): "none"
        }
    }
}

extension MediaKind {
    /// The kind within a sentence: "this image", "this GIF".
    var noun: String { self == .gif ? rawValue : key }

    /// The kind's name in the configuration: `image`.
    package var key: String { rawValue.lowercased() }
}
