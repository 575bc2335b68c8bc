import Pipeline
import SystemPackage
import Threads

/// What the callers and the thread of a connection tell each other.
final class PostgresMail: Sendable {
    private struct State: Sendable {
        var standing = PostgresStanding.connecting
        /// How often a connection was made.
        var connections = 0
        var requests: [PostgresRequest] = []
        /// The thread is to end. Stays true.
        var isStopped = false
    }

    private let state = Monitor(State())
    let wakeUp: WakeUp

    init() throws(PostgresError) {
        do throws(Errno) {
            wakeUp = try WakeUp()
        } catch {
            throw PostgresError(.other, "no descriptor for a connection to the fleet's database: \(error)")
        }
    }

    var standing: PostgresStanding { state.read(\.standing) }
    var isStopped: Bool { state.read(\.isStopped) }

    /// Returns how often a connection was made, as soon as that is more than `count` and the database can be reached.
    func connections(after count: Int) async throws -> Int {
        try await state.value { state in
            state.standing.isReachable && state.connections > count ? state.connections : nil
        }
    }

    /// Puts a request in for the thread. Throws `.unreachable` if there is no connection.
    func put(_ request: PostgresRequest) throws(PostgresError) {
        let standing = state.change { state in
            if state.standing.isReachable { state.requests.append(request) }
            return state.standing
        }
        switch standing {
        case .reachable: wakeUp.signal()
        case .connecting: throw PostgresError(.unreachable, "the fleet's database was not reached yet")
        case .away(let error, _): throw PostgresError(.unreachable, error.reason, sqlState: error.sqlState)
        }
    }

    /// Asks the thread to end.
    func stop() {
        state.change { $0.isStopped = true }
        wakeUp.signal()
    }

    // MARK: For the thread

    /// Takes all requests out.
    func takeRequests() -> [PostgresRequest] {
        state.change { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    /// Notes that there is a connection.
    func noteReached(at now: Timestamp) {
        state.change { state in
            state.standing = .reachable(since: now)
            state.connections += 1
        }
    }

    /// Notes that there is no connection, and returns the requests that were not sent. Returns what held before, too.
    func noteAway(_ error: PostgresError, at now: Timestamp) -> (unsent: [PostgresRequest], PostgresStanding) {
        state.change { state in
            let before = state.standing
            defer { state.requests = [] }
            var since = now
            if case .away(_, let first) = before { since = first }
            state.standing = .away(error, since: since)
            return (state.requests, before)
        }
    }
}
