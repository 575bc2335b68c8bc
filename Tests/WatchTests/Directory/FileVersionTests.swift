import Testing
import Watch

@Suite struct FileVersionTests {
    private static let version = FileVersion(device: 1, inode: 2, size: 3, modified: 4, changed: 5)

    @Test func `a rename or a chmod, which change the ctime alone, leave the same bytes`() {
        var later = Self.version
        later.changed = 6

        #expect(later.hasSameBytes(as: Self.version))
        #expect(Self.version.hasSameBytes(as: Self.version))
    }

    @Test func `a ctime without a fraction may be one of a file system that stores seconds, or every other one`() {
        let version = FileVersion(device: 1, inode: 2, size: 3, modified: 4, changed: 1_764_360_000_000_000_000)

        #expect(version.granularity > .seconds(2))
        #expect(version.granularity < .seconds(2.1))
    }

    @Test func `any other ctime is one of the kernel's ticks`() {
        // A mtime without a fraction is what `cp -p` and `tar` leave.
        let version = FileVersion(device: 1, inode: 2, size: 3, modified: 0, changed: 1_764_360_000_004_000_000)

        #expect(version.granularity == .milliseconds(20))
    }

    @Test func `a version is young for as long as a further write may leave it`() {
        let second = 1_764_360_000_000_000_000 as Int64
        let coarse = FileVersion(device: 1, inode: 2, size: 3, modified: second, changed: second)
        let fine = FileVersion(device: 1, inode: 2, size: 3, modified: second, changed: second + 1)

        #expect(coarse.isYoung(at: second + 1_999_000_000))
        #expect(!coarse.isYoung(at: second + 2_020_000_000))
        #expect(fine.isYoung(at: second + 10_000_000))
        #expect(!fine.isYoung(at: second + 30_000_000))
        // Of a machine whose clock is ahead by a little, or by far.
        #expect(coarse.isYoung(at: second - 1_000_000_000))
        #expect(!coarse.isYoung(at: second - 3_600_000_000_000))
        #expect(!FileVersion(device: 1, inode: 2, size: 3, modified: 0, changed: .min).isYoung(at: second))
    }

    @Test(arguments: [
        FileVersion(device: 9, inode: 2, size: 3, modified: 4, changed: 5),
        FileVersion(device: 1, inode: 9, size: 3, modified: 4, changed: 5),
        FileVersion(device: 1, inode: 2, size: 9, modified: 4, changed: 5),
        FileVersion(device: 1, inode: 2, size: 3, modified: 9, changed: 5),
    ])
    func `another file, size or mtime may mean other bytes`(other: FileVersion) {
        #expect(!other.hasSameBytes(as: Self.version))
    }
}
