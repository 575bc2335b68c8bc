import SystemPackage
import Testing

@testable import Watch

struct DirectorySnapshotTests {
    private func version(_ size: Int64) -> FileVersion {
        FileVersion(device: 1, inode: 1, size: size, modified: 0, changed: 0)
    }

    @Test func `files that came, changed and went are told apart`() {
        let before = DirectorySnapshot(files: ["same": version(1), "other": version(1), "went": version(1)])
        let after = DirectorySnapshot(files: ["same": version(1), "other": version(2), "came": version(1)])

        let difference = before.difference(to: after)

        #expect(difference.newFiles == ["came"])
        #expect(difference.changedFiles == ["other"])
        #expect(difference.goneFiles == ["went"])
    }

    @Test func `a directory of another inode is gone and new`() {
        let before = DirectorySnapshot(directories: ["a": 1, "b": 2])
        let after = DirectorySnapshot(directories: ["a": 1, "b": 3])

        let difference = before.difference(to: after)

        #expect(difference.goneDirectories == ["b"])
        #expect(difference.newDirectories == ["b"])
    }

    @Test func `nothing is different from itself`() {
        let snapshot = DirectorySnapshot(files: ["a": version(1)], directories: ["d": 7])

        #expect(snapshot.difference(to: snapshot) == DirectorySnapshot.Difference())
    }

    @Test func `two looks are apart if both saw a device, and not the same`() {
        func look(_ device: UInt64) -> DirectorySnapshot { DirectorySnapshot(device: device) }

        #expect(look(1).isApart(from: look(2)))
        #expect(!look(1).isApart(from: look(1)))
        #expect(!look(0).isApart(from: look(1)) && !look(1).isApart(from: look(0)), "one of them was not looked into")
    }
}
