import Pipeline
import Threads

/// What a walk over the manifest told, in order.
final class Collected: Sendable {
    private let state = Mutex<(revision: Int64?, rows: [ManifestRow])>((nil, []))

    var all: (revision: Int64?, rows: [ManifestRow]) { state.withLock { $0 } }

    func start(_ revision: Int64) { state.withLock { $0.revision = revision } }

    func add(_ row: ManifestRow) { state.withLock { $0.rows.append(row) } }
}
