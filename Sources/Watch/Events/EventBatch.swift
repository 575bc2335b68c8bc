import SystemPackage

/// Events on their way into the channel, in order. A repeated `changed` of one file, and a repeated
/// `ignoring`, is kept once.
struct EventBatch {
    private(set) var events: [WatchEvent] = []
    /// How many events there are, and files among those of `found`.
    private(set) var count = 0
    /// Whether the batch tells of nothing but files that a look found.
    private(set) var hasOnlyFound = true
    private var changed: Set<FilePath> = []
    private var hasIgnoring = false

    /// Whether the batch has this file as changed, without a later event that takes the file away.
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
        case .ignoring:
            if hasIgnoring { return }
            hasIgnoring = true
        case .found, .walked, .hidden, .scanning, .scanned, .scannedInPart, .unread:
            break
        }
        if case .found(let files) = event {
            count += files.count
        } else {
            count += 1
            hasOnlyFound = false
        }
        events.append(event)
    }

    /// Takes everything out and leaves the batch empty.
    mutating func drain() -> [WatchEvent] {
        defer { self = EventBatch() }
        return events
    }
}
