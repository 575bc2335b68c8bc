import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Fleet

@Suite struct WaitingContentsTests {
    private let start = ContinuousClock.now
    private var waiting = WaitingContents<ContinuousClock.Instant>()

    private func version(_ number: Int64) -> FileVersion {
        FileVersion(device: 1, inode: 1, size: 10, modified: number, changed: number)
    }

    @Test mutating func `a file's digest is known in the version that waits, and in no other`() {
        waiting.add("/in/a", version(1), for: key(1), at: start)

        #expect(waiting.digest(of: "/in/a", version(1)) == digest(1))
        #expect(waiting.digest(of: "/in/a", version(2)) == nil)
        #expect(waiting.digest(of: "/in/b", version(1)) == nil)
    }

    @Test mutating func `only files that are back in the queue are let go on, each once`() {
        waiting.add("/in/a", version(1), for: key(1), at: start)
        let before = (waiting.keys.count, waiting.release(key(1), at: start))

        waiting.park("/in/a", version(1))
        let parked = Array(waiting.keys)
        let released = (waiting.release(key(1), at: start), waiting.release(key(1), at: start))

        #expect(before == (0, []))
        #expect(parked == [key(1)])
        #expect(released == (["/in/a"], []))
        #expect(waiting.digest(of: "/in/a", version(1)) == digest(1))
    }

    @Test mutating func `a file that waits again waits since the first time`() {
        waiting.add("/in/a", version(1), for: key(1), at: start)
        waiting.park("/in/a", version(1))
        _ = waiting.release(key(1), at: start.advanced(by: .seconds(5)))

        waiting.add("/in/a", version(1), for: key(1), at: start.advanced(by: .seconds(6)))
        waiting.park("/in/a", version(1))

        #expect(waiting.since("/in/a", version(1)) == start)
        #expect(waiting.since(key(1)) == start)
    }

    @Test mutating func `a file that was let go on and never came is forgotten`() {
        waiting.add("/in/a", version(1), for: key(1), at: start)
        waiting.park("/in/a", version(1))
        waiting.add("/in/b", version(1), for: key(2), at: start)
        waiting.park("/in/b", version(1))
        _ = waiting.release(key(1), at: start)

        waiting.forgetReleased(before: start.advanced(by: .seconds(1)))

        #expect(waiting.digest(of: "/in/a", version(1)) == nil)
        #expect(waiting.digest(of: "/in/b", version(1)) == digest(2))
    }

    @Test mutating func `another version of a file waits for its own content`() {
        waiting.add("/in/a", version(1), for: key(1), at: start)
        waiting.park("/in/a", version(1))

        waiting.add("/in/a", version(2), for: key(2), at: start)
        waiting.park("/in/a", version(1))
        waiting.park("/in/a", version(2))

        #expect(Array(waiting.keys) == [key(2)])
    }
}
