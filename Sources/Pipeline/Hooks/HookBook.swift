/// The events that hooks have not had yet. Each is recorded in the commit of its change, and only if a hook wants it.
///
/// The contract that the ledger fulfils: a call returns after its changes are on disk. Events of one subject (a file or
/// an account) come to a hook in their order. An event is due only when all earlier ones of its subject have ended.
package protocol HookBook: Sendable {
    /// Says which hooks there are, in place of those there were. Drops the events of hooks that are no more, and makes
    /// all others due at once.
    func adopt(_ hooks: [HookWish]) async throws

    /// Records the event of a blocked account.
    func record(_ block: AccountBlock, at time: Timestamp) async throws

    /// Records the events of directories that are ready by now. A directory is looked at when nothing was added to it
    /// for ``Schedules/directory``'s first pause, and then with growing pauses. `now` is by ``Timestamp/steady()``.
    ///
    /// Returns when the next look is due, nil if there is none, and whether an event was recorded.
    func recordReadyDirectories(at now: Timestamp) async throws -> (next: Timestamp?, isNews: Bool)

    /// Whether a directory was not looked at yet since something was added to it.
    func hasNewDirectories() async throws -> Bool

    /// The hook's due events: those that were never tried first, then by their due times.
    func events(of hook: String, dueBy time: Timestamp, limit: Int) async throws -> [HookEvent]

    /// When the hook's next event is due after `time`; nil if there is none.
    func nextEvent(of hook: String, after time: Timestamp) async throws -> Timestamp?

    /// Whether one of these hooks has a due event that was never tried.
    func hasNewEvents(of hooks: [String], at time: Timestamp) async throws -> Bool

    /// How many events of the hook are neither delivered nor given up.
    func countEvents(of hook: String) async throws -> Int

    /// Ends the event, and lets the next one of its subject come. `failure` says why it was given up; nil if it was
    /// delivered. The file's steps tell.
    func end(_ event: HookEvent, failure: String?, at time: Timestamp) async throws

    /// Puts the event off until `due`, and counts the try. `now` is by ``Timestamp/steady()``, like `due`.
    func postpone(_ event: HookEvent, reason: String, due: Timestamp, now: Timestamp) async throws
}
