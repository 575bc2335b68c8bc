import Threads

/// A disk on which some cannot write until a test makes room for them.
final class FullDisk: Sendable {
    struct Full: Error {}

    private let refused: Mutex<Set<Int>>

    /// `writers` are those that are refused.
    init(for writers: Set<Int> = [0]) {
        refused = Mutex(writers)
    }

    func write(by writer: Int = 0) throws {
        if refused.withLock({ $0.contains(writer) }) { throw Full() }
    }

    func makeRoom(for writer: Int = 0) {
        refused.withLock { _ = $0.remove(writer) }
    }
}
