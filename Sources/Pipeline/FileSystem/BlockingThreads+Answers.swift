import SystemPackage
import Threads

extension BlockingThreads {
    /// Runs `work`, which asks the file system of `place`. See ``run(within:leaving:late:_:)``.
    ///
    /// - Throws: ``Unanswered`` if the patience runs out first; `CancellationError`; the errors of `work`.
    func answer<Value: Sendable>(
        of place: FilePath,
        within patience: Patience,
        leaving: @escaping @Sendable () -> Void = {},
        late: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let answer = try await run(within: patience, leaving: leaving, late: late, work)
        guard let answer else { throw Unanswered(at: place) }
        return answer
    }
}
