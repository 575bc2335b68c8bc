import Threads

/// All assets of a sandbox, by id and by path.
final class Shelf: Sendable {
    /// Everything that the lock guards.
    private struct State {
        var assets: [String: StoredAsset] = [:]
        var idsByUploadPath: [String: String] = [:]
        var idsByPublicPath: [String: String] = [:]
        var counts: [SandboxPage.Provider: Int] = [:]
    }

    private let state = Mutex(State())

    /// The number of the next asset of a provider, from 1. Counts up.
    func nextNumber(of provider: SandboxPage.Provider) -> Int {
        state.withLock { state in
            state.counts[provider, default: 0] += 1
            return state.counts[provider, default: 0]
        }
    }

    /// Adds a new asset.
    func put(_ asset: StoredAsset) {
        state.withLock { state in
            state.assets[asset.id] = asset
            state.idsByUploadPath[asset.uploadPath] = asset.id
            state.idsByPublicPath[asset.publicPath] = asset.id
        }
    }

    /// Removes an asset. Returns whether it was there.
    func remove(_ id: String) -> Bool {
        state.withLock { state in
            guard let asset = state.assets.removeValue(forKey: id) else { return false }
            state.idsByUploadPath[asset.uploadPath] = nil
            state.idsByPublicPath[asset.publicPath] = nil
            return true
        }
    }

    /// The asset of that id or asset URN.
    func asset(_ id: String) -> StoredAsset? {
        state.withLock { $0.assets[id] }
    }

    /// The asset of a ConnectSafely upload, by its artifact's URN.
    func asset(artifact: String) -> StoredAsset? {
        state.withLock { $0.assets.values.first { $0.artifact == artifact && !artifact.isEmpty } }
    }

    /// The asset whose bytes a GET of `path` returns.
    func asset(publicPath path: String) -> StoredAsset? {
        state.withLock { state in state.idsByPublicPath[path].flatMap { state.assets[$0] } }
    }

    /// The asset or part that a PUT to `path` is for. Nil if no URL with that path was handed out.
    func slot(uploadPath path: String) -> UploadSlot? {
        state.withLock { state in
            if let asset = state.idsByUploadPath[path].flatMap({ state.assets[$0] }) {
                return asset.parts.isEmpty ? UploadSlot(asset: asset, part: nil) : nil
            }
            guard let slash = path.lastIndex(of: "/"), let part = Int(path[path.index(after: slash)...]),
                let asset = state.idsByUploadPath[String(path[..<slash])].flatMap({ state.assets[$0] }),
                asset.parts.indices.contains(part - 1)
            else { return nil }
            return UploadSlot(asset: asset, part: part)
        }
    }

    /// Changes one asset in place. Returns the result of `change`, or nil if there is no such asset.
    @discardableResult
    func update<Value: Sendable>(_ id: String, _ change: (inout sending StoredAsset) -> Value) -> Value? {
        state.withLock { state in
            guard var asset = state.assets[id] else { return nil }
            let value = change(&asset)
            state.assets[id] = asset
            return value
        }
    }

    /// The bytes of all complete assets of an owner at a provider.
    func storedBytes(of provider: SandboxPage.Provider, isOwn: (StoredAsset) -> Bool) -> Int64 {
        state.withLock { state in
            state.assets.values.reduce(0) { sum, asset in
                asset.provider == provider && isOwn(asset) ? sum + (asset.arrival?.bytes ?? 0) : sum
            }
        }
    }
}
