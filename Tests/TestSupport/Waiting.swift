/// Looks again and again, and lets others go on in between, until it is so. Throws when the task is cancelled, as by its
/// test's time limit.
///
/// For what tells nobody when it changes.
package func untilSo(
    isolation: isolated (any Actor)? = #isolation,
    _ isSo: () async throws -> Bool
) async throws {
    while !(try await isSo()) {
        try Task.checkCancellation()
        await Task.yield()
    }
}
