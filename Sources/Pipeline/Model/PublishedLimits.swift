/// A provider's published limits, beyond what its API refuses.
///
/// A file that passes such a limit goes up all the same. Its entry, the log, `why` and the page say so, as the post may
/// fail later.
package struct PublishedLimits: Hashable, Sendable {
    /// The limits of one kind.
    package struct Limits: Hashable, Sendable {
        /// The fewest bytes.
        package var fewestBytes: ByteCount?
        /// The most pixels, width times height.
        package var mostPixels: Int64?
        /// In milliseconds.
        package var duration: Bounds
        /// The types that are named; empty if any will do.
        package var types: [MIMEType]

        package init(
            fewestBytes: ByteCount? = nil,
            mostPixels: Int64? = nil,
            duration: Bounds = .none,
            types: [MIMEType] = []
        ) {
            self.fewestBytes = fewestBytes
            self.mostPixels = mostPixels
            self.duration = duration
            self.types = types
        }
    }

    /// Who publishes them, for people.
    private let publisher: String
    private let kinds: [MediaKind: Limits]

    package init(by publisher: String, _ kinds: [MediaKind: Limits]) {
        self.publisher = publisher
        self.kinds = kinds
    }

    /// A provider that publishes nothing of the kind.
    package static let none = PublishedLimits(by: "", [:])
}

extension PublishedLimits {
    /// The limits that a file passes. What is not known of the file passes none.
    func warnings(of type: MediaType, size: Int64, _ measure: MediaMeasure) -> [MediaWarning] {
        guard let kind = type.kind, let limits = kinds[kind] else { return [] }
        var warnings: [MediaWarning] = []
        func warn(_ code: MediaWarning.Code, _ fact: String, _ limit: String) {
            warnings.append(MediaWarning(code, "\(fact); \(publisher) takes \(limit)"))
        }
        if !limits.types.isEmpty, !limits.types.contains(type.mime) {
            let names = limits.types.map(\.shortName).joined(separator: ", ")
            warn(.otherType, "this is \(type.name)", "\(names), by its documentation")
        }
        if let least = limits.fewestBytes, size < least.bytes {
            warn(.tooSmall, "this \(kind.noun) has \(ByteCount(size))", "\(least) at least")
        }
        if let most = limits.mostPixels, let pixels = measure.pixels, pixels > most {
            warn(
                .tooManyPixels,
                "this \(kind.noun) has \(MediaWords.pixels(measure))",
                "\(most.grouped) at most"
            )
        }
        if let milliseconds = measure.milliseconds {
            let fact = "this \(kind.noun) lasts \(MediaWords.seconds(milliseconds))"
            if limits.duration.isTooLittle(milliseconds), let least = limits.duration.least {
                warn(.tooShort, fact, "\(MediaWords.seconds(least)) at least")
            }
            if limits.duration.isTooMuch(milliseconds), let most = limits.duration.most {
                warn(.tooLong, fact, "\(MediaWords.seconds(most)) at most")
            }
        }
        return warnings
    }
}
