/// Looks again and again until `isSo` is true, and lets other tasks go on in between. Throws when the task is
/// cancelled, as by its test's time limit.
///
/// For a state that tells nobody when it changes.
package func untilSo(
    isolation: isolated (any Actor)? = #isolation,
    _ isSo: () async throws -> Bool
) async throws {
    while !(try await isSo()) {
        try Task.checkCancellation()
        await Task.yield()
    }
}
