/// Where a request goes. The API and the storage fail independently.
enum RequestSide: Hashable {
    case api
    case storage
}

/// What one request showed.
struct RequestReport<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    enum Evidence: Sendable {
        /// It did what it was made for.
        case success
        /// It is still under way, but the other side is there and takes bytes.
        case contact
        case failure(ProviderError)
    }

    let side: RequestSide
    /// When the request was made. The result of a request made later is newer.
    let begun: Instant
    let evidence: Evidence

    init(to side: RequestSide, begun: Instant, _ evidence: Evidence) {
        self.side = side
        self.begun = begun
        self.evidence = evidence
    }
}
