/// What a user wants of the files of each kind, beside their size. A kind that is not named may be as it is.
package struct MediaRules: Hashable, Sendable {
    /// What is wanted of one kind.
    package struct Rule: Hashable, Sendable {
        /// Width times height.
        package var pixels: Bounds
        /// In milliseconds.
        package var duration: Bounds

        package init(pixels: Bounds = .none, duration: Bounds = .none) {
            self.pixels = pixels
            self.duration = duration
        }
    }

    private var rules: [MediaKind: Rule]

    package init(_ rules: [MediaKind: Rule] = [:]) {
        self.rules = rules
    }

    package static let none = MediaRules()

    package subscript(kind: MediaKind) -> Rule {
        get { rules[kind] ?? Rule() }
        set { rules[kind] = newValue == Rule() ? nil : newValue }
    }

    /// Both rules at once: a folder can narrow its account's, never widen them.
    package func narrowed(by other: MediaRules) -> MediaRules {
        var both = self
        for kind in MediaKind.allCases {
            both[kind] = Rule(
                pixels: self[kind].pixels.narrowed(by: other[kind].pixels),
                duration: self[kind].duration.narrowed(by: other[kind].duration)
            )
        }
        return both
    }
}

extension MediaRules {
    /// Why a file of that kind is not as it is wanted. What is not known of a file rejects it not.
    func rejection(of kind: MediaKind, _ measure: MediaMeasure) -> Rejection? {
        let rule = self[kind]
        let what = "this \(kind.noun)"
        if let pixels = measure.pixels, !rule.pixels.contains(pixels) {
            let limit = MediaWords.limit(rule.pixels, \.grouped) + " pixels"
            let remedy = rule.pixels.isTooMuch(pixels) ? "make it smaller" : "take a larger one"
            return Rejection(
                .unsuitable,
                "\(what) has \(MediaWords.pixels(measure)); the limit is \(limit): \(remedy), or change limits.\(kind.key).pixels"
            )
        }
        if let milliseconds = measure.milliseconds, !rule.duration.contains(milliseconds) {
            let limit = MediaWords.limit(rule.duration, MediaWords.seconds)
            let remedy = rule.duration.isTooMuch(milliseconds) ? "cut it" : "make it longer"
            return Rejection(
                .unsuitable,
                "\(what) lasts \(MediaWords.seconds(milliseconds)); the limit is \(limit): \(remedy), or change limits.\(kind.key).seconds"
            )
        }
        return nil
    }

    /// What could not be held against the rules.
    func warnings(of kind: MediaKind, _ measure: MediaMeasure) -> [MediaWarning] {
        var warnings: [MediaWarning] = []
        let rule = self[kind]
        func unmeasured(_ what: String, _ limit: String) -> MediaWarning {
            MediaWarning(
                .unmeasured,
                "\(what) this \(kind.noun) cannot be told, so nobody looked at the limit of \(limit)"
            )
        }
        if rule.pixels != .none, measure.pixels == nil {
            let limit = MediaWords.limit(rule.pixels, \.grouped) + " pixels"
            warnings.append(unmeasured("how many pixels are in", limit))
        }
        if rule.duration != .none, measure.duration == nil {
            warnings.append(unmeasured("the duration of", MediaWords.limit(rule.duration, MediaWords.seconds)))
        }
        return warnings
    }
}
