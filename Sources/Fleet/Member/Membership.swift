import Logging
import Pipeline
import Threads

/// This host's place in the fleet: it enters, shows that it lives, and sees who is silent.
final class Membership: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// This host cannot work with the fleet now.
    struct Outside: Error {}

    private struct State {
        var reach: FleetReach<Instant>
        var watch: HostWatch<Instant>
        var hosts: [HostSight] = []
        /// This host's identity, once its ledger was asked.
        var host: HostID?
        /// This process's start, once it was entered.
        var entry: HostRoll.Entry?
        /// The accounts of the configuration, each with a number that is new whenever it may mean another one: by the
        /// fleet's names, as all that follow.
        var accounts: [String: Int] = [:]
        var lastNumber = 0
        /// Why single accounts are not shared.
        var conflicts: [String: String] = [:]
        /// Accounts of which it is not known yet whether they are the fleet's.
        var unproven: Set<String> = []
        /// Accounts that the fleet has to be asked about, because the configuration has changed.
        var pending: Set<String> = []
        /// Accounts of which the fleet has told this process that they are its own.
        var proven: Set<String> = []
        /// What was logged last of a part that failed.
        var told: String?
    }

    private let plan: FleetPlan
    private let connection: PostgresConnection
    private let logger: Logger
    private let state: Mutex<State>
    private let bell = Doorbell()
    private let clock = ContinuousClock()

    init(_ plan: FleetPlan, _ connection: PostgresConnection, logger: Logger) {
        self.plan = plan
        self.connection = connection
        self.logger = logger
        state = Mutex(
            State(
                reach: FleetReach(
                    rule: plan.whenUnreachable,
                    reason: "the fleet has not answered yet",
                    at: clock.now,
                    .now()
                ),
                watch: HostWatch(patience: plan.takeOverAfter)
            )
        )
    }

    // MARK: What others ask

    /// Who this host is.
    ///
    /// - Throws: ``Outside``.
    func identity() throws -> (host: HostID, boot: Int64) {
        try state.withLock { state in
            guard state.reach.trouble == nil, let host = state.host, let entry = state.entry else { throw Outside() }
            return (host, entry.boot)
        }
    }

    /// Whether it is not known yet whether an account is the fleet's.
    func isUnproven(_ account: String) -> Bool { state.withLock { $0.unproven.contains(account) } }

    /// Whether an account is one of the configuration, and the fleet's, as far as this host knows.
    func isShared(_ account: String) -> Bool {
        state.withLock {
            $0.accounts[account] != nil && !$0.unproven.contains(account) && !$0.pending.contains(account)
                && $0.conflicts[account] == nil
        }
    }

    /// Whether the fleet has told this process that an account is its own, as the account is configured now.
    func isProven(_ account: String) -> Bool { state.withLock { $0.proven.contains(account) } }

    /// Whether some account is not shared now.
    var hasOthers: Bool {
        state.withLock { !$0.unproven.isEmpty || !$0.conflicts.isEmpty || !$0.pending.isEmpty }
    }

    /// Notes that an account is new, or another one than before. Its files wait until the fleet was asked.
    func expect(_ account: String) {
        let asks = state.withLock { state in
            state.lastNumber += 1
            state.accounts[account] = state.lastNumber
            state.proven.remove(account)
            guard state.entry != nil else { return false }
            state.pending.insert(account)
            return true
        }
        if asks { bell.ring() }
    }

    /// Forgets all accounts but these: the configuration has no others.
    func keep(_ accounts: Set<String>) {
        state.withLock { state in
            state.accounts = state.accounts.filter { accounts.contains($0.key) }
            state.conflicts = state.conflicts.filter { accounts.contains($0.key) }
            state.unproven.formIntersection(accounts)
            state.pending.formIntersection(accounts)
            state.proven.formIntersection(accounts)
        }
    }

    /// How many hosts share an account's rates while nobody gives calls out: those that were seen last.
    var sharers: Int {
        state.withLock { state in
            state.reach.trouble == nil ? 1 : max(1, state.hosts.count { !$0.isForgotten })
        }
    }

    var isInside: Bool { state.withLock { $0.reach.trouble == nil } }

    /// The name of this host, for people.
    var name: String { plan.host }

    /// Why an account's files may not go now; nil if they may.
    func closure(of account: String) -> FleetClosure? {
        let now = clock.now
        return state.withLock { state in
            if let conflict = state.conflicts[account] {
                return FleetClosure(reason: conflict, since: .now(), until: nil)
            }
            if state.reach.trouble == nil, state.pending.contains(account) {
                return FleetClosure(
                    reason: "the fleet has not told of account \(account) yet",
                    since: .now(),
                    until: nil
                )
            }
            return state.reach.closure(at: now)
        }
    }

    /// Why the fleet cannot be asked; nil if it can.
    var trouble: FleetReach<Instant>.Trouble? { state.withLock { $0.reach.trouble } }

    /// This host's place in the fleet, without its counts.
    var condition: FleetCondition {
        state.withLock { state in
            var condition = FleetCondition(host: plan.host)
            condition.trouble = state.reach.outage
            condition.members = state.hosts.filter { !$0.isForgotten }.map { sight in
                let isSilent = sight.host != state.host && state.watch.standstill(of: sight.host) != nil
                return FleetCondition.Member(sight.name, silentSince: isSilent ? sight.seen : nil)
            }
            return condition
        }
    }

    /// Where a silent host stands; nil for one that lives or is not known.
    func standstill(of host: HostID) -> (boot: Int64, beat: Int64)? {
        state.withLock { $0.watch.standstill(of: host) }
    }

    /// Whether a file may go up unclaimed that has waited since `start`.
    func mayGoAlone(_ sha256: SHA256Digest, since start: Instant) -> Bool {
        let now = clock.now
        return state.withLock { state in
            let others = state.hosts.filter { !$0.isForgotten }.map(\.host)
            let rank = state.host.map { ContentRank.rank(of: $0, among: others, for: sha256) } ?? 0
            return state.reach.mayGoAlone(rank: rank, since: start, at: now)
        }
    }

    /// Notes an error that a statement met.
    func note(_ error: any Error) {
        switch error {
        case let error as PostgresError:
            switch error.kind {
            // Another try may help, and says nothing of the fleet.
            case .busy, .cancelled: return
            // A row that is not understood holds up nothing but itself.
            case .other: tell(error.reason)
            case .gate: leave(HostTrouble.twin(name: name).description, isAnswer: true)
            default: leave(error.reason, isAnswer: error.kind != .unreachable)
            }
        case is Outside, is CancellationError: return
        default: tell("\(error)")
        }
    }

    /// Logs what went wrong with a part of the work, each cause once in a row.
    private func tell(_ reason: String) {
        let isNew = state.withLock { state in
            defer { state.told = reason }
            return state.told != reason
        }
        if isNew { logger.error("a part of the work with the fleet failed", metadata: ["reason": "\(reason)"]) }
    }

    // MARK: Coming and going

    /// Enters the fleet and stays in it, until the task is cancelled.
    ///
    /// `enter` does what each entry needs first, and gets the number of this start. At each heartbeat, `seen` gets the
    /// last revision of this host's ledger that the fleet has. `changed` is called when this host has come in or fallen
    /// out.
    ///
    /// Behind a new connection there may be another database, or an older copy. So each connection is entered anew.
    func run(
        as host: HostID,
        enter: (_ boot: Int64) async throws -> Void,
        seen: (_ published: Int64) async throws -> Void,
        changed: @Sendable () -> Void
    ) async {
        state.withLock { $0.host = host }
        let roll = HostRoll(connection, host: host)
        var connections = 0
        /// The connection that this host has entered by.
        var entered: PostgresStanding?
        /// Whether nobody was told yet that this host is inside again. If that may end at once, a heartbeat shows it.
        var isUntold = false
        func tellInside() {
            if isUntold { logger.notice("host is in the fleet", metadata: ["fleet.host": "\(plan.host)"]) }
            isUntold = false
        }
        while !Task.isCancelled {
            do {
                let standing = connection.standing
                if isInside, standing == entered || !standing.isReachable {
                    if let published = try await beat(roll) { try await seen(published) }
                    tellInside()
                } else {
                    connections = try await connection.connections(after: 0)
                    let new = connection.standing
                    let wasInside = isInside
                    let isNews = try await come(in: roll, enter)
                    entered = new
                    if !wasInside {
                        isUntold = true
                        if isNews { tellInside() }
                    }
                    changed()
                }
            } catch is CancellationError {
                return
            } catch let error as PostgresError where error.kind == .busy && isInside {
                // The next heartbeat follows.
            } catch {
                let failure = error as? PostgresError
                leave(failure?.reason ?? "\(error)", isAnswer: failure.map { $0.kind != .unreachable } ?? false)
                changed()
                if failure?.kind == .unreachable {
                    guard let next = try? await connection.connections(after: connections) else { return }
                    connections = next
                    continue
                }
            }
            await bell.wait(until: clock.now.advanced(by: HostRoll.pulse), clock: clock)
        }
    }

    /// Returns whether it is surely news that this host is inside.
    private func come(
        in roll: HostRoll,
        _ enter: (_ boot: Int64) async throws -> Void
    ) async throws -> Bool {
        _ = try await FleetSchema().check(connection)
        var entry = state.withLock { $0.entry }
        if let known = entry {
            do {
                _ = try await look(roll, known)
            } catch HostTrouble.unknown {
                // A database that was put back has lost this host.
                entry = nil
            }
        }
        if entry == nil {
            let last = state.withLock { $0.entry?.boot ?? 0 }
            let new = try await roll.enter(named: plan.host, above: last)
            state.withLock { $0.entry = new }
            _ = try await look(roll, new)
            entry = new
        }
        if let entry { try await enter(entry.boot) }
        let now = clock.now
        return state.withLock { $0.reach.open(at: now) }
    }

    private func beat(_ roll: HostRoll) async throws -> Int64? {
        guard let entry = state.withLock({ $0.entry }) else { throw Outside() }
        return try await look(roll, entry)
    }

    /// A heartbeat, which shows all hosts. Returns the last revision of this host's ledger that the fleet has.
    private func look(_ roll: HostRoll, _ entry: HostRoll.Entry) async throws -> Int64? {
        let now = clock.now
        let sights = try await roll.beat(entry)
        state.withLock { state in
            state.watch.note(sights.filter { !$0.isForgotten }, at: now)
            state.hosts = sights
        }
        return sights.first { $0.host == roll.host }?.published
    }

    /// The accounts of the configuration, each with its number for ``note(_:of:number:)``.
    var accounts: [String: Int] { state.withLock { $0.accounts } }

    /// Notes whether an account means the same to this host as to the fleet. Returns whether it is shared only from now
    /// on.
    ///
    /// `number`: as of before the fleet was asked. An answer about what a reload has taken away or changed meanwhile
    /// counts for nothing.
    func note(_ standing: AccountTargets.Standing, of account: String, number: Int?) -> Bool {
        let (conflict, unproven): (String?, String?) =
            switch standing {
            case .shared: (nil, nil)
            case .unproven(let reason): (nil, reason)
            case .another(let conflict): (conflict.description, nil)
            }
        let (wasShared, isNew) = state.withLock { state in
            guard let number, state.accounts[account] == number else { return (true, false) }
            let wasPending = state.pending.remove(account) != nil
            let before = (state.conflicts[account], state.unproven.contains(account) || wasPending)
            state.conflicts[account] = conflict
            if standing == .shared { state.proven.insert(account) } else { state.proven.remove(account) }
            if unproven == nil { state.unproven.remove(account) } else { state.unproven.insert(account) }
            return (before.0 == nil && !before.1, before.0 != conflict || before.1 != (unproven != nil))
        }
        if isNew, let conflict {
            logger.error("account is not shared with the fleet", metadata: ["reason": "\(conflict)"])
        } else if isNew, let unproven {
            logger.warning("account is not shared with the fleet yet", metadata: ["reason": "\(unproven)"])
        }
        return conflict == nil && unproven == nil && !wasShared
    }

    private func leave(_ reason: String, isAnswer: Bool) {
        let (now, time) = (clock.now, Timestamp.now())
        let isNews = state.withLock { state in
            state.reach.close(reason, isAnswer: isAnswer, at: now, time)
        }
        guard isNews else { return }
        logger.warning(
            "fleet cannot be asked",
            metadata: ["reason": "\(reason)", "fleet.then": "\(plan.whenUnreachable.then.rawValue)"]
        )
    }
}
