import Dispatch

@testable import Pipeline

/// Work that blocks until it is let go, as a look at a dead network disk does.
final class Hang: Sendable {
    private let end = DispatchSemaphore(value: 0)
    let begun = Doorbell()

    func block() {
        begun.ring()
        end.wait()
        end.signal()
    }

    func letGo() { end.signal() }

    /// Takes all threads of a folder, so that whoever looks at it next waits.
    func take(_ threads: BlockingThreads) async {
        for _ in 0..<FolderThreads.bound {
            threads.leave { self.block() }
            await begun.wait()
        }
    }
}
