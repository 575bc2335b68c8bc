/// What a test waited for did not come.
struct NotReached: Error, CustomStringConvertible {
    let what: String
    let state: String

    var description: String { "waited in vain for \(what); the last state:\n\(state)" }
}

/// Waits until `condition` holds, looking again every 20 ms, for 40 s at most.
///
/// For what happens in another process and is seen in its files; `state` tells the reader of a failure how it stood.
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
