/// The error of a test that waited in vain.
struct NotReached: Error, CustomStringConvertible {
    let what: String
    let state: String

    var description: String { "waited in vain for \(what); the last state:\n\(state)" }
}

/// Waits until `condition` holds. Looks again every 20 ms, for 40 s at most.
///
/// For events in another process that show in its files. `state` tells the reader of a failure the last state.
func wait(
    for what: String,
    until condition: () throws -> Bool,
    state: () -> String = { "" }
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(40))
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw NotReached(what: what, state: state()) }
        try await Task.sleep(for: .milliseconds(20))
    }
}
