import CLinux
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import outtray

/// Who may do what with a file (acl(5)).
@Suite struct FileRightsTests {
    private func rights(_ mode: mode_t, list: FileRights.AccessList? = nil) -> FileRights {
        FileRights(owner: 10, group: 20, mode: S_IFDIR | mode, list: list)
    }

    @Test func `the owner's bits count for the owner alone, and the group's for members`() {
        #expect(rights(0o700).allows([.read, .write, .enter], user: 10, groups: []))
        #expect(!rights(0o077).allows(.read, user: 10, groups: [20]))
        #expect(rights(0o750).allows([.read, .enter], user: 11, groups: [20]))
        #expect(!rights(0o750).allows(.write, user: 11, groups: [20]))
        #expect(!rights(0o707).allows(.read, user: 11, groups: [20]))
        #expect(rights(0o707).allows(.read, user: 11, groups: [21]))
    }

    @Test func `a dynamic user owns nothing, and its groups count`() {
        #expect(!rights(0o700).allows(.read, user: nil, groups: []))
        #expect(rights(0o750).allows(.read, user: nil, groups: [20]))
        #expect(rights(0o705).allows(.read, user: nil, groups: []))
    }

    @Test func `an entry for the user comes before groups, and the mask bounds both`() {
        let list = FileRights.AccessList(
            users: [11: [.read, .write]],
            owningGroup: [.read],
            groups: [30: [.write]],
            mask: [.read]
        )
        #expect(rights(0o777, list: list).allows(.read, user: 11, groups: []))
        #expect(!rights(0o777, list: list).allows(.write, user: 11, groups: []))
        #expect(!rights(0o777, list: list).allows(.write, user: 12, groups: [30]))
        #expect(rights(0o777, list: list).allows(.read, user: 12, groups: [20]))
        #expect(rights(0o777, list: list).allows(.write, user: 12, groups: [99]))
        #expect(!rights(0o777, list: list).allowsGroup(.write) && rights(0o777, list: list).allowsGroup(.read))
    }

    @Test func `the kernel's form of a list is read`() {
        let bytes: [UInt8] =
            [2, 0, 0, 0] + [1, 0, 7, 0, 255, 255, 255, 255] + [2, 0, 5, 0, 0xE8, 3, 0, 0] + [
                4, 0, 4, 0, 255, 255, 255, 255,
            ]
            + [8, 0, 6, 0, 50, 0, 0, 0] + [16, 0, 5, 0, 255, 255, 255, 255] + [32, 0, 0, 0, 255, 255, 255, 255]

        let list = FileRights.AccessList(bytes: bytes[...])

        #expect(
            list
                == FileRights.AccessList(
                    users: [1000: [.read, .enter]],
                    owningGroup: .read,
                    groups: [50: [.read, .write]],
                    mask: [.read, .enter]
                )
        )
        #expect(FileRights.AccessList(bytes: [1, 0, 0, 0]) == nil && FileRights.AccessList(bytes: [2]) == nil)
    }

    @Test func `a list on the disk counts`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("in")
        try directory.setMode(of: "in", to: 0o700)
        let bytes: [UInt8] =
            [2, 0, 0, 0] + [1, 0, 7, 0, 255, 255, 255, 255] + [2, 0, 5, 0, 0x67, 0x12, 0, 0] + [
                4, 0, 0, 0, 255, 255, 255, 255,
            ]
            + [16, 0, 5, 0, 255, 255, 255, 255] + [32, 0, 0, 0, 255, 255, 255, 255]
        guard setxattr(directory.at("in").string, "system.posix_acl_access", bytes, bytes.count, 0) == 0 else {
            // This file system keeps no lists.
            #expect(errno == EOPNOTSUPP)
            return
        }

        let rights = try FileRights.of(directory.at("in"))

        #expect(rights.isDirectory && rights.allows([.read, .enter], user: 4711, groups: []))
        #expect(!rights.allows(.write, user: 4711, groups: []) && !rights.allows(.read, user: 4712, groups: []))
    }
}
