/// Whether a file may go up, by its type, size, pixels and duration. Asked before anything is sent.
package struct Admission: Equatable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case admitted(MediaKind)
        case rejected(Rejection)
    }

    private let provider: String
    private let acceptedTypes: [MIMEType]
    /// The types that the folder takes; nil for all that the provider takes.
    private let only: [MIMERange]?
    private let limits: SizeLimits
    private let rules: MediaRules
    private let published: PublishedLimits

    /// `provider` is the provider's name for people. `limits` and `rules` are the account's, narrowed by the folder's.
    /// `published` are the provider's. `only` are the types that the folder takes of those; nil for all.
    package init(
        provider: String,
        acceptedTypes: [MIMEType],
        limits: SizeLimits,
        rules: MediaRules = .none,
        published: PublishedLimits = .none,
        only: [MIMERange]? = nil
    ) {
        self.provider = provider
        self.acceptedTypes = acceptedTypes
        self.limits = limits
        self.rules = rules
        self.published = published
        self.only = only
    }

    /// The largest file that may go up, of whatever kind; nil if there is none that is too large.
    package var largest: ByteCount? {
        let kinds = Set(
            MediaType.known.filter { acceptedTypes.contains($0.mime) && isTakenByFolder($0.mime) }.compactMap(\.kind)
        )
        let caps = kinds.map { limits[$0] }
        return caps.contains(nil) ? nil : caps.compactMap(\.self).max()
    }

    /// Judges a file that was classified earlier.
    func judge(_ mime: MIMEType, _ measure: MediaMeasure, size: Int64) -> Verdict {
        judge(Self.type(mime), measure, size: size)
    }

    /// The type of a file that was classified earlier.
    private static func type(_ mime: MIMEType) -> MediaType {
        MediaType.known.first { $0.mime == mime } ?? .other(mime.rawValue, "a file")
    }

    /// Judges a file of `size` bytes that was looked at. A file that is not finished does not go up.
    package func judge(_ finding: MediaFinding, size: Int64) -> Verdict {
        let verdict = judge(finding.type, finding.measure, size: size)
        guard size > 0, let fault = finding.fault else { return verdict }
        switch verdict {
        // A type that goes up elsewhere does not go up here when it is finished either.
        case .rejected where finding.type.kind != nil: return verdict
        default: return .rejected(Rejection(.incomplete, fault))
        }
    }

    /// What may keep the provider from using a file that was classified earlier and goes up.
    func warnings(of mime: MIMEType, _ measure: MediaMeasure, size: Int64) -> [MediaWarning] {
        warnings(of: MediaFinding(Self.type(mime), measure: measure), size: size)
    }

    /// What may keep the provider from using a file that goes up.
    func warnings(of finding: MediaFinding, size: Int64) -> [MediaWarning] {
        guard let kind = finding.type.kind else { return [] }
        return rules.warnings(of: kind, finding.measure)
            + published.warnings(of: finding.type, size: size, finding.measure)
    }

    /// Judges a file of `size` bytes. A file of exactly the cap goes up.
    package func judge(_ type: MediaType, _ measure: MediaMeasure = .unknown, size: Int64) -> Verdict {
        guard size > 0 else { return .rejected(Rejection(.empty, "the file is empty")) }
        guard let kind = type.kind, acceptedTypes.contains(type.mime) else {
            let parts = ["this is \(type.name) (\(type.mime))", taken(insteadOf: type), type.wayOut]
            return .rejected(Rejection(.unsupportedType, parts.compactMap(\.self).joined(separator: "; ")))
        }
        guard isTakenByFolder(type.mime) else {
            let names = (only ?? []).map(\.description).joined(separator: ", ")
            return .rejected(
                Rejection(
                    .unsupportedType,
                    "this is \(type.name) (\(type.mime)); its folder takes only \(names) (accept)"
                )
            )
        }
        if let cap = limits[kind], size > cap.bytes {
            return .rejected(Rejection(.tooLarge, tooLarge(kind, ByteCount(size), cap)))
        }
        if let rejection = rules.rejection(of: kind, measure) { return .rejected(rejection) }
        return .admitted(kind)
    }

    private func isTakenByFolder(_ type: MIMEType) -> Bool {
        only.map { $0.contains { $0.contains(type) } } ?? true
    }

    /// Lists the types that the provider takes. For a video these are its video types, for an image its image types,
    /// for any other file all types.
    private func taken(insteadOf type: MediaType) -> String {
        let family = type.mime.family
        let related = ["image", "video"].contains(family) ? acceptedTypes.filter { $0.family == family } : []
        let names = (related.isEmpty ? acceptedTypes : related).map(\.shortName)
        return names.isEmpty ? "\(provider) takes no files" : "\(provider) takes \(names.joined(separator: ", "))"
    }

    /// Gives both sizes to the byte if they read alike when rounded.
    private func tooLarge(_ kind: MediaKind, _ size: ByteCount, _ cap: ByteCount) -> String {
        let rounded = size.description != cap.description
        let (has, most) = rounded ? ("\(size)", "\(cap)") : ("\(size.bytes) bytes", "\(cap.bytes) bytes")
        return "this \(kind.rawValue) has \(has); the cap is \(most)"
    }
}
