import Testing
import Watch

@testable import Pipeline

@Suite struct FirstLookTests {
    private let second: Int64 = 1_000_000_000

    private func version(changed: Int64) -> FileVersion {
        FileVersion(device: 1, inode: 2, size: 3, modified: 0, changed: changed)
    }

    @Test func `a file lay there if its inode has not changed since the look began`() {
        let look = FirstLook(begun: Timestamp(milliseconds: 100_000))
        #expect(look.found(version(changed: 100 * second - 1)))
        #expect(!look.found(version(changed: 100 * second + 1)))
        #expect(look.found(version(changed: .min)))
        #expect(!look.found(version(changed: .max)))
    }

    @Test func `whole seconds may have lost a fraction, or every other second`() {
        let look = FirstLook(begun: Timestamp(milliseconds: 100_999))
        #expect(!look.found(version(changed: 100 * second)))
        #expect(!look.found(version(changed: 99 * second)))
        #expect(look.found(version(changed: 98 * second)))
    }
}
