import Threads

/// The books of a sandbox. They are kept in memory, never thinned out, and readable while the sandbox runs.
package final class SandboxBooks: Sendable {
    /// A caller that waits for the page to fulfil a condition.
    private struct Waiter {
        let condition: @Sendable (SandboxPage) -> Bool
        let continuation: CheckedContinuation<SandboxPage, any Error>
    }

    /// Everything that the lock guards.
    private struct State {
        var page = SandboxPage()
        /// Places in `page.assets` by id.
        var places: [String: Int] = [:]
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// The books as they stand.
    package var page: SandboxPage { state.withLock { $0.page } }

    /// The answer to `GET /sandbox/books`: the page as JSON.
    package var json: [UInt8] { encodedJSON(page) }

    /// Waits until the page fulfils `condition`, and looks anew after every entry. Throws only `CancellationError`.
    package func wait(until condition: @escaping @Sendable (SandboxPage) -> Bool) async throws -> SandboxPage {
        let ticket = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<SandboxPage, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if condition(state.page) { return .success(state.page) }
                    state.waiters[ticket] = Waiter(condition: condition, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.continuation.resume(
                throwing: CancellationError()
            )
        }
    }

    /// Enters a call, whatever its answer. The other three enter an asset, a PUT and a completion.
    func note(_ call: SandboxPage.Call) {
        change { $0.page.calls.append(call) }
    }

    func note(_ asset: SandboxPage.Asset) {
        change { state in
            state.places[asset.id] = state.page.assets.count
            state.page.assets.append(asset)
        }
    }

    func note(_ put: SandboxPage.Put) {
        change { $0.page.puts.append(put) }
    }

    func note(_ completion: SandboxPage.Completion) {
        change { $0.page.completions.append(completion) }
    }

    /// Notes that all bytes of an asset have arrived.
    func noteComplete(asset id: String, file: String, bytes: Int64, sha256: String) {
        change { state in
            guard let place = state.places[id] else { return }
            state.page.assets[place].file = file
            state.page.assets[place].bytes = bytes
            state.page.assets[place].sha256 = sha256
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let (page, ready) = state.withLock { state in
            change(&state)
            let ready = state.waiters.filter { $0.value.condition(state.page) }
            for ticket in ready.keys { state.waiters[ticket] = nil }
            return (state.page, ready.values.map(\.continuation))
        }
        for continuation in ready { continuation.resume(returning: page) }
    }
}
