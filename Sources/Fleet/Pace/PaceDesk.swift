import Pipeline
import Threads

/// Makes an account's calls wait for the pace of all hosts.
///
/// It takes as many calls at once as wait here, so that a busy host asks the database rarely. What it has taken and not
/// used in time is lost.
actor PaceDesk {
    /// At most so many calls are taken at once: another host wants some, too.
    private static let most = 16
    /// The longest time until the next look, whatever the database says.
    private static let longestRest = Duration.seconds(10)
    private static let shortestRest = Duration.milliseconds(50)

    private struct Taken {
        var calls: Int
        let end: ContinuousClock.Instant
    }

    private let account: FleetAccount
    private let database: any PostgresDatabase
    private let membership: Membership
    private let rates: [CallRate]
    private let writeRates: [CallRate]
    private let clock = ContinuousClock()
    private var taken: [PaceStatements.Side: Taken] = [:]
    private var waiting: [PaceStatements.Side: Int] = [:]
    /// Before, there is surely no room.
    private var room: [PaceStatements.Side: ContinuousClock.Instant] = [:]
    /// Lets one caller at a time ask the database.
    private let turns = Turns()

    init(
        _ account: FleetAccount,
        _ database: any PostgresDatabase,
        _ membership: Membership,
        rates: [CallRate],
        writeRates: [CallRate]
    ) {
        self.account = account
        self.database = database
        self.membership = membership
        self.rates = rates
        self.writeRates = writeRates
    }

    /// Returns when a call may be made. While the database cannot be asked, at once: the host then keeps to its own
    /// part of the rates.
    ///
    /// - Throws: `CancellationError`.
    func wait(for side: PaceStatements.Side) async throws {
        if rates.isEmpty, side == .read || writeRates.isEmpty { return }
        if !membership.isInside { return }
        waiting[side, default: 0] += 1
        defer { waiting[side, default: 1] -= 1 }
        while !use(side) {
            try Task.checkCancellation()
            let rest = try await turns.run { try await take(side) }
            guard let rest else { return }
            if rest > .zero { try await clock.sleep(for: rest) }
        }
    }

    /// Uses one of the calls that were taken. False if there is none.
    private func use(_ side: PaceStatements.Side) -> Bool {
        guard let own = taken[side], own.calls > 0, clock.now < own.end else { return false }
        taken[side]?.calls -= 1
        return true
    }

    /// Takes calls for all that wait. Returns how long to rest if there was no room; nil if the database cannot be
    /// asked.
    private func take(_ side: PaceStatements.Side) async throws -> Duration? {
        let now = clock.now
        if let own = taken[side], own.calls > 0, now < own.end { return .zero }
        if let room = room[side], now < room { return now.duration(to: room) }
        do {
            let (host, _) = try membership.identity()
            let begun = clock.now
            let count = min(max(waiting[side] ?? 1, 1), Self.most)
            let answers = try await database.run(
                PaceStatements.take(
                    count,
                    side,
                    of: account.name,
                    pace: account.pace,
                    rates: rates,
                    writeRates: writeRates,
                    host: host
                )
            )
            let row = answers.last?.rows.first
            let calls = Int(try row?.integer(0) ?? 0)
            let end = begun.advanced(by: .seconds(PaceStatements.validity))
            taken[side] = Taken(calls: calls, end: end)
            if calls > 0 { return .zero }
            let rest = min(max(.milliseconds(try row?.integer(1) ?? 0), Self.shortestRest), Self.longestRest)
            room[side] = clock.now.advanced(by: rest)
            return rest
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if Task.isCancelled { throw CancellationError() }
            if (error as? PostgresError)?.kind == .busy { return Self.shortestRest }
            membership.note(error)
            return nil
        }
    }
}
