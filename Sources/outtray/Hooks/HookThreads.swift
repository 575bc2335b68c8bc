import Threads

extension BlockingThreads {
    /// The threads on which hooks look at their programs and secrets. A disk that hangs may hold all of them: no other
    /// work waits there.
    static let ofHooks = BlockingThreads(name: "hooks", bound: 16)
}
