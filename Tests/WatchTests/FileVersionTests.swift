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
