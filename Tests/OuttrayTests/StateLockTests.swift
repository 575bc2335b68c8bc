import Control
import Foundation
import Glibc
import TestSupport
import Testing
import Threads

@Suite(.timeLimit(.minutes(1))) struct StateLockTests {
    @Test func `a lock that is taken names its holder, and can be had once it is let go`() throws {
        let directory = try TemporaryDirectory()
        var lock: StateLock? = try StateLock(directory.path)

        let refusal = #expect(throws: StateLockError.self) { _ = try StateLock(directory.path) }
        #expect(refusal.map { if case .held(getpid(), _) = $0 { true } else { false } } == true)
        #expect(lock != nil)

        lock = nil
        #expect(throws: Never.self) { _ = try StateLock(directory.path) }
    }

    /// A second close hits whatever was opened in between: a database, in a process that has one.
    @Test func `a lock that cannot be had closes its own file once, and nobody else's`() throws {
        let directory = try TemporaryDirectory()
        let lock = try StateLock(directory.path)
        let isOver = Mutex(false)
        let stolen = Mutex(0)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while !isOver.withLock({ $0 }) {
                if close(open("/dev/null", O_RDONLY | O_CLOEXEC)) != 0 { stolen.withLock { $0 += 1 } }
            }
            ended.signal()
        }

        for _ in 0..<10_000 { _ = try? StateLock(directory.path) }
        withExtendedLifetime(lock) {}
        isOver.withLock { $0 = true }
        ended.wait()

        #expect(stolen.withLock { $0 } == 0)
    }
}
