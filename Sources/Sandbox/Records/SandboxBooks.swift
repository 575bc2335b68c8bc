import Threads

/// The books of a sandbox. They are kept in memory, never thinned out, and readable while the sandbox runs.
package final class SandboxBooks: Sendable {
    private struct State {
        var page = SandboxPage()
        /// Places in `page.assets` by id.
        var places: [String: Int] = [:]
    }

    private let state = Monitor(State())

    /// The books as they stand.
    package var page: SandboxPage { state.read { $0.page } }

    /// The answer to `GET /sandbox/books`: the page as JSON.
    package var json: [UInt8] { encodedJSON(page) }

    /// Waits until the page fulfils `condition`, and looks anew after every entry. Throws only `CancellationError`.
    package func wait(until condition: @escaping @Sendable (SandboxPage) -> Bool) async throws -> SandboxPage {
        try await state.value { condition($0.page) ? $0.page : nil }
    }

    /// Enters a call, whatever its answer. The others enter an asset, a PUT, a completion and a post.
    func note(_ call: SandboxPage.Call) {
        state.change { $0.page.calls.append(call) }
    }

    func note(_ asset: SandboxPage.Asset) {
        state.change { state in
            state.places[asset.id] = state.page.assets.count
            state.page.assets.append(asset)
        }
    }

    func note(_ put: SandboxPage.Put) {
        state.change { $0.page.puts.append(put) }
    }

    func note(_ completion: SandboxPage.Completion) {
        state.change { $0.page.completions.append(completion) }
    }

    func note(_ post: SandboxPage.Post) {
        state.change { $0.page.posts.append(post) }
    }

    /// Notes that all bytes of an asset have arrived.
    func noteComplete(asset id: String, file: String, bytes: Int64, sha256: String) {
        state.change { state in
            guard let place = state.places[id] else { return }
            state.page.assets[place].file = file
            state.page.assets[place].bytes = bytes
            state.page.assets[place].sha256 = sha256
        }
    }
}
