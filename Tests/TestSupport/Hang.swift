import Dispatch
import Threads

/// Work that blocks until the test lets it go, as a look at a dead network disk does.
package final class Hang: Sendable {
    private let end = DispatchSemaphore(value: 0)
    package let begun = Doorbell()

    package init() {}

    package func block() {
        begun.ring()
        end.wait()
        end.signal()
    }

    package func letGo() { end.signal() }

    /// Takes all threads of a folder, so that the next look at the folder has to wait.
    package func take(_ threads: BlockingThreads) async {
        for _ in 0..<threads.bound {
            threads.leave { self.block() }
            await begun.wait()
        }
    }
}
