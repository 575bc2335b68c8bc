import Foundation
import Glibc
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct StateLockTests {
    @Test func `a lock that is taken names its holder, and can be had once it is let go`() throws {
        let directory = try TemporaryDirectory()
        var lock: StateLock? = try StateLock(directory.path)

        let refusal = #expect(throws: StateLockError.self) { _ = try StateLock(directory.path) }
        #expect(refusal.map { if case .held(getpid(), _) = $0 { true } else { false } } == true)
        #expect(lock != nil)

        lock = nil
        #expect(throws: Never.self) { _ = try StateLock(directory.path) }
    }

    @Test func `the holder can be had without taking the lock`() throws {
        let directory = try TemporaryDirectory()
        #expect(StateLock.holder(of: directory.path) == nil)
        let lock = try StateLock(directory.path)

        #expect(StateLock.holder(of: directory.path) == getpid())
        withExtendedLifetime(lock) {}
    }

    @Test func `of the kernel's locks, only a held flock on this very file counts`() {
        let held = "1: FLOCK  ADVISORY  WRITE 812 08:1f:1234 0 EOF\n"
        func holder(_ locks: String, inode: UInt64 = 1234, _ minor: UInt64 = 0x1F) -> Int32? {
            StateLock.holder(ofInode: inode, device: (8, minor), locks: locks)
        }

        #expect(holder("2: POSIX  ADVISORY  READ 7 08:1f:1234 0 EOF\n" + held) == 812)
        #expect(holder(held, inode: 1235) == nil && holder(held, 0x1E) == nil && holder("") == nil)
        #expect(holder("1: -> FLOCK  ADVISORY  WRITE 812 08:1f:1234 0 EOF\n") == nil)
        // A process of another namespace has no number here.
        #expect(holder("1: FLOCK  ADVISORY  WRITE -1 08:1f:1234 0 EOF\n") == nil)
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
