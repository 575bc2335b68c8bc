import FoundationEssentials

/// One of the two APIs, without the parts they share: weather, bearer check, rate limits, books.
protocol ProviderAPI: Sendable {
    var provider: SandboxPage.Provider { get }
    /// The path of the base URL, such as `/api/v1`.
    var prefix: String { get }
    /// Limits for each key.
    var rates: [RateLimit] { get }

    /// The route as the books name it, for a path beneath the prefix. Nil if there is none.
    func route(method: String, path: String) -> String?
    /// Carries a call out.
    func handle(_ call: APICall) async -> APIOutcome

    func unauthorised() -> Answer
    func notFound(method: String, path: String) -> Answer
    /// - Parameter resumes: when the next call would be let through.
    func tooManyRequests(wait: Duration, resumes: Date) -> Answer
}

/// A call with a good key, within its rate, to a known route.
struct APICall: Sendable {
    let request: IncomingRequest
    let route: String
    /// The path beneath the prefix.
    let path: String
    let key: String
}

/// An answer, and the asset that it is about.
struct APIOutcome: Sendable {
    var answer: Answer
    var asset: String?
}
