import ServiceLifecycle
import Threads

/// Holds the weather and counts the calls and PUTs that it strikes.
final class WeatherStation: Sendable {
    /// What the weather does to one call.
    struct CallFate: Sendable, Equatable {
        var tooManyRequests = false
        var loseAnswer = false
    }

    /// What the weather does to one PUT. A reset goes before a failure, and a failure before a lost answer.
    enum PutFate: Sendable, Equatable {
        case fine, reset, fail, loseAnswer
    }

    /// The weather, and the counts since it came.
    private struct State {
        var weather: Weather
        var calls = 0
        var puts = 0
    }

    private let state: Mutex<State>

    init(_ weather: Weather) {
        state = Mutex(State(weather: weather))
    }

    var weather: Weather { state.withLock { $0.weather } }

    /// Puts other weather in place and starts counting anew.
    func change(to weather: Weather) {
        state.withLock { $0 = State(weather: weather) }
    }

    /// Changes the fields named in `json`, and starts counting anew. Returns the changed weather.
    func change(by json: JSONValue) throws(WeatherError) -> Weather {
        let outcome = state.withLock { state -> Result<Weather, WeatherError> in
            var weather = state.weather
            do throws(WeatherError) {
                try weather.apply(json)
            } catch {
                return .failure(error)
            }
            state = State(weather: weather)
            return .success(weather)
        }
        return try outcome.get()
    }

    /// Adds answers behind those that are prepared already. Goes on counting.
    func prepare(_ answers: [PreparedAnswer]) {
        state.withLock { $0.weather.prepared += answers }
    }

    /// Takes the prepared answer to a request, if there is one, and so uses it up. `request` is a route, or `PUT`.
    func usePrepared(for request: String, key: String) -> PreparedAnswer? {
        state.withLock { $0.weather.prepared.use(for: request, key: key) }
    }

    /// Counts a call and tells its fate.
    func nextCall() -> CallFate {
        state.withLock { state in
            state.calls += 1
            return CallFate(
                tooManyRequests: state.weather.tooManyRequestsAfter.map { state.calls > $0 } ?? false,
                loseAnswer: Self.strikes(state.weather.loseAnswerEveryNthCall, at: state.calls)
            )
        }
    }

    /// Counts a PUT and tells its fate.
    func nextPut() -> PutFate {
        state.withLock { state in
            state.puts += 1
            if Self.strikes(state.weather.resetMidBodyEveryNthPut, at: state.puts) { return .reset }
            if Self.strikes(state.weather.failEveryNthPut, at: state.puts) { return .fail }
            if Self.strikes(state.weather.loseAnswerEveryNthPut, at: state.puts) { return .loseAnswer }
            return .fine
        }
    }

    /// Waits as long as the weather is slow. A graceful shutdown cuts the wait short.
    func slowDown() async {
        let latency = weather.latency
        guard latency > .zero else { return }
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: latency) }
    }

    private static func strikes(_ every: Int?, at count: Int) -> Bool {
        every.map { count % $0 == 0 } ?? false
    }
}
