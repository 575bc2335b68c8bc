import FoundationEssentials
import Threads

/// One API port: its provider's routes, and `/sandbox/…` for the books and the weather.
final class APIHandler: RequestHandler {
    private let api: any ProviderAPI
    private let state: SandboxState
    private static let assets = "/sandbox/assets/"
    /// The longest change of the weather, in bytes. Prepared answers may bring large bodies.
    private static let longestChange = 4 << 20
    /// One limiter for each key.
    private let limiters = Mutex<[String: RateLimiter]>([:])

    init(_ api: any ProviderAPI, state: SandboxState) {
        self.api = api
        self.state = state
    }

    func answer(_ request: IncomingRequest) async -> Answer {
        switch (request.method, request.path) {
        case ("GET", "/sandbox/books"):
            return Answer(
                status: 200,
                headers: [("content-type", "application/json; charset=utf-8")],
                body: .bytes(state.books.json)
            )
        case ("GET", "/sandbox/weather"):
            return .json(200, state.station.weather.json)
        case ("POST", "/sandbox/weather"):
            return await changeWeather(request)
        case ("DELETE", let path) where path.hasPrefix(Self.assets):
            // The books keep it.
            let isRemoved = state.shelf.remove(String(path.dropFirst(Self.assets.count)))
            return .json(isRemoved ? 200 : 404, ["removed": .bool(isRemoved)] as JSONValue)
        default:
            return await call(request)
        }
    }

    private func call(_ request: IncomingRequest) async -> Answer {
        await state.station.slowDown()
        let fate = state.station.nextCall()
        let key = bearer(of: request)
        let path = request.path.hasPrefix(api.prefix) ? String(request.path.dropFirst(api.prefix.count)) : nil
        let route = path.flatMap { api.route(method: request.method, path: $0) }
        var entry = Entry(route: route ?? "\(request.method) \(path ?? request.path)", key: key)
        guard let key else { return close(entry, with: APIOutcome(answer: api.unauthorised()), fate: fate) }
        guard let path, let route else {
            let answer = api.notFound(method: request.method, path: request.path)
            return close(entry, with: APIOutcome(answer: answer), fate: fate)
        }
        entry.prepared = state.station.usePrepared(for: route, key: key)
        if let prepared = entry.prepared, !prepared.hasEffect {
            return close(entry, with: APIOutcome(answer: prepared.answer(inPlaceOf: nil)), fate: fate)
        }
        if let refusal = pace(key, fate: fate) { return close(entry, with: APIOutcome(answer: refusal), fate: fate) }
        var outcome = await api.handle(APICall(request: request, route: route, path: path, key: key))
        if let prepared = entry.prepared { outcome.answer = prepared.answer(inPlaceOf: outcome.answer) }
        return close(entry, with: outcome, fate: fate)
    }

    /// A 429 if the key's rate, or the weather, asks for one.
    private func pace(_ key: String, fate: WeatherStation.CallFate) -> Answer? {
        let now = state.now()
        // The weather's 429 ends when the weather changes, and nobody can foresee that.
        if fate.tooManyRequests { return api.tooManyRequests(wait: .seconds(1), resumes: now.addingTimeInterval(1)) }
        let wait = limiters.withLock { $0[key, default: RateLimiter(api.rates)].admit(at: now) }
        return wait.map { api.tooManyRequests(wait: $0, resumes: now.addingTimeInterval($0.inSeconds)) }
    }

    private func bearer(of request: IncomingRequest) -> String? {
        guard let header = request.headers["authorization"], header.hasPrefix("Bearer ") else { return nil }
        let key = String(header.dropFirst("Bearer ".count))
        return state.configuration.keys.contains(key) ? key : nil
    }

    /// What the books tell of a call beside its outcome.
    private struct Entry {
        let route: String
        let key: String?
        var prepared: PreparedAnswer?
    }

    /// Enters a call in the books and returns its answer.
    private func close(_ entry: Entry, with outcome: APIOutcome, fate: WeatherStation.CallFate) -> Answer {
        let isReset = fate.loseAnswer || outcome.answer.isReset
        state.books.note(
            SandboxPage.Call(
                at: state.now(),
                provider: api.provider,
                route: entry.route,
                key: entry.key,
                status: outcome.answer.status,
                asset: outcome.asset,
                answerLost: isReset,
                isPrepared: entry.prepared != nil
            )
        )
        state.logAnswer(api.provider, request: entry.route, status: isReset ? nil : outcome.answer.status)
        return isReset ? .reset : outcome.answer
    }

    private func changeWeather(_ request: IncomingRequest) async -> Answer {
        // Any content type will do: this is for people with curl.
        let body = (try? await request.body.collected(upTo: Self.longestChange)) ?? []
        guard let change = JSONValue(parsing: body) else {
            return .json(400, ["error": "the body must be JSON"] as JSONValue)
        }
        do throws(WeatherError) {
            return .json(200, try state.station.change(by: change).json)
        } catch {
            return .json(400, ["error": .string(error.reason)] as JSONValue)
        }
    }
}
