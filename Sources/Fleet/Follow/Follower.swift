import Logging
import Pipeline
import SystemPackage
import Threads

/// Keeps this host's copy of what all hosts show (``FleetCopy``): reads their changes, each once and in order.
///
/// A notification wakes it. It looks by itself as well.
final class Follower: Sendable {
    /// So many changes are read at a time.
    private static let page = 500
    /// So many entries are read at a time for a copy that is made anew.
    private static let portion = 1000
    /// The longest time between two looks.
    private static let look = Duration.seconds(2)
    /// The shortest time between two looks. A busy fleet rings all the time.
    private static let rest = Duration.milliseconds(100)

    private let database: any PostgresDatabase
    private let membership: Membership
    private let copy: any FleetCopy
    private let bell: Doorbell
    private let logger: Logger
    private let clock = ContinuousClock()

    /// `bell` rings when a host has told something.
    init(
        _ database: any PostgresDatabase,
        _ membership: Membership,
        _ copy: any FleetCopy,
        bell: Doorbell,
        logger: Logger
    ) {
        self.database = database
        self.membership = membership
        self.copy = copy
        self.bell = bell
        self.logger = logger
    }

    /// There may be changes to read.
    func wake() { bell.ring() }

    /// Works until the task is cancelled. `changed` is called when the copy has changed.
    func run(changed: @Sendable () -> Void) async {
        var hosts: [SharedHost]?
        while !Task.isCancelled {
            do {
                while membership.isInside, !Task.isCancelled {
                    let (isNew, isMore) = try await Self.follow(database, copy, hosts: &hosts) { cause in
                        logger.notice(
                            "the copy of the fleet's manifest is made anew",
                            metadata: ["reason": "\(cause.rawValue)"]
                        )
                    }
                    if isNew { changed() }
                    if !isMore { break }
                }
            } catch is CancellationError {
                return
            } catch let error as PostgresError {
                membership.note(error)
            } catch {
                // The ledger cannot be written now. Whoever records uploads says so.
                logger.debug("the fleet's changes are not copied", metadata: ["reason": "\(error)"])
            }
            let next = clock.now.advanced(by: Self.rest)
            await bell.wait(until: clock.now.advanced(by: Self.look), clock: clock)
            try? await clock.sleep(until: next)
        }
    }

    /// Takes the next changes into the copy. Returns whether it changed, and whether there may be more changes.
    ///
    /// `hosts`: as the copy has them; nil if that is not known. `begun` is told why the copy is made anew, once it is.
    static func follow(
        _ database: any PostgresDatabase,
        _ copy: any FleetCopy,
        hosts: inout [SharedHost]?,
        begun: (FollowStep.Cause) -> Void = { _ in }
    ) async throws -> (isNew: Bool, isMore: Bool) {
        let place = try await copy.placeOfCopy()
        let answers = try await database.run([
            FollowStatements.place,
            FollowStatements.changes(from: place?.revision ?? 0, limit: page),
            FollowStatements.hosts,
        ])
        let look = try FleetLook(answers)
        switch FollowStep.from(place, look) {
        case .rest:
            guard look.hosts != hosts, let place else { return (false, false) }
            try await copy.take([], of: look.hosts, upTo: place)
        case .take(let changes, let next):
            try await copy.take(changes, of: look.hosts, upTo: next)
        case .anew(let cause):
            let known = try await beginAnew(database, copy)
            begun(cause)
            hosts = known
            return (true, true)
        }
        hosts = look.hosts
        return (true, look.changes.count == page)
    }

    /// Makes the copy anew: all entries, as of the revision from before the first one is read. Changes that come
    /// meanwhile are read again behind it, and then stand in their order.
    private static func beginAnew(_ database: any PostgresDatabase, _ copy: any FleetCopy) async throws -> [SharedHost]
    {
        while try await copy.clearCopies() {}
        let number = try await copy.beginCopy()
        guard let head = try await database.run([FollowStatements.place]).first?.rows.first,
            let fleet = try head.text(0)
        else { throw PostgresError(.other, "the database told only a part") }
        let place = FleetPlace(fleet: fleet, revision: try head.integer(1) ?? 0, mark: try head.text(2))
        var last: (host: String, path: [UInt8])?
        while true {
            let answers = try await database.run([
                FollowStatements.entries(after: last, limit: portion), FollowStatements.hosts,
            ])
            guard answers.count == 2 else { throw PostgresError(.other, "the database told only a part") }
            let rows = answers[0].rows
            let hosts = try SharedHost.hosts(answers[1])
            let readable = try rows.compactMap { try SharedRow($0, upTo: place.revision) }
            if !readable.isEmpty { try await copy.add(readable, of: hosts, to: number) }
            guard rows.count == portion, let end = rows.last, let host = try end.text(0), let path = try end.bytes(1)
            else {
                try await copy.show(number, of: hosts, at: place)
                // If that fails, the next new copy does it.
                while (try? await copy.clearCopies()) == true {}
                return hosts
            }
            last = (host, path)
        }
    }
}
