import SystemPackage

/// Events on their way into the channel, in order; the same `changed` twice in a row of events is told once.
struct EventBatch {
    private(set) var events: [WatchEvent] = []
    private var changed: Set<FilePath> = []

    /// Whether this file is in the batch as changed, and no later event took it away again.
    func hasChanged(_ path: FilePath) -> Bool {
        changed.contains(path)
    }

    mutating func append(_ event: WatchEvent) {
        switch event {
        case .changed(let path, _):
            guard changed.insert(path).inserted else { return }
        case .gone(let path, _), .renamedInto(let path, _):
            changed.remove(path)
        case .goneBelow, .unwatched:
            changed.removeAll()
        case .found, .scanned, .scannedInPart, .unread:
            break
        }
        events.append(event)
    }

    /// All that is in it; it is empty then.
    mutating func take() -> [WatchEvent] {
        defer { self = EventBatch() }
        return events
    }
}
