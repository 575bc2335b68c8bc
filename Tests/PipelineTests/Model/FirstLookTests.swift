import Testing
import Watch

@testable import Pipeline

@Suite struct FirstLookTests {
    private let second: Int64 = 1_000_000_000

    private func version(changed: Int64) -> FileVersion {
        FileVersion(device: 1, inode: 2, size: 3, modified: 0, changed: changed)
    }

    private let now = Timestamp(milliseconds: 110_000)

    @Test func `a file lay there if its inode has not changed since before the look began`() {
        let look = FirstLook(begun: Timestamp(milliseconds: 100_000))
        #expect(look.found(version(changed: 99 * second + 979_999_999), at: now))
        #expect(look.found(version(changed: .min), at: now))
        // The kernel stamps by its tick, and may be behind.
        #expect(!look.found(version(changed: 99 * second + 980_000_001), at: now))
        #expect(!look.found(version(changed: 100 * second + 1), at: now))
        #expect(!look.found(version(changed: 110 * second + 1), at: now))
    }

    @Test func `whole seconds may have lost a fraction, or every other second`() {
        let look = FirstLook(begun: Timestamp(milliseconds: 100_999))
        #expect(!look.found(version(changed: 100 * second), at: now))
        #expect(!look.found(version(changed: 99 * second), at: now))
        #expect(look.found(version(changed: 98 * second), at: now))
    }

    @Test func `a time that is still to come does not make a file new`() {
        let look = FirstLook(begun: Timestamp(milliseconds: 100_000))
        #expect(look.found(version(changed: 112 * second + 1), at: now))
        #expect(look.found(version(changed: .max), at: now))
    }
}
