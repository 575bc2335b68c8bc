import Control
import Threads

/// Wishes to read the configuration again, from signals and from the control socket. One reload answers all that came
/// before it began.
final class ReloadDesk: Sendable {
    private let wishes = Mutex<[Promise<ReloadOutcome>]>([])
    private let bell = Doorbell()

    /// Asks for a reload, and waits for nothing.
    func ring() {
        bell.ring()
    }

    /// Asks for a reload and returns its outcome.
    ///
    /// - Throws: `CancellationError`.
    func ask() async throws -> ReloadOutcome {
        let wish = Promise<ReloadOutcome>()
        wishes.withLock { $0.append(wish) }
        bell.ring()
        return try await wish.value()
    }

    /// Waits until somebody asks. Returns what to tell those who wait for the outcome.
    func next() async -> @Sendable (ReloadOutcome) -> Void {
        await bell.wait()
        let waiting = wishes.withLock { wishes in
            defer { wishes = [] }
            return wishes
        }
        return { outcome in for wish in waiting { wish.give(.success(outcome)) } }
    }
}
