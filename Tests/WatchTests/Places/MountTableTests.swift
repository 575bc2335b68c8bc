import SystemPackage
import Testing

@testable import Watch

@Suite struct MountTableTests {
    private static let root = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

    private func table(_ lines: String...) -> MountTable { MountTable(Array((Self.root + lines.joined()).utf8)) }

    @Test func `what is mounted, and what is not any more, is told by its place`() {
        let before = table("30 22 0:5 / /in/a rw - tmpfs tmpfs rw\n")
        let after = table("31 22 8:1 /stock /in/b rw - ext4 /dev/sda1 rw\n")

        #expect(after.points(changedSince: before) == ["/in/a", "/in/b"])
        #expect(before.points(changedSince: after) == ["/in/a", "/in/b"])
        #expect(after.points(changedSince: after) == [])
    }

    @Test func `another file system, or another part of it, in the same place is a change`() {
        let before = table("30 22 8:1 /stock /in/a rw - ext4 /dev/sda1 rw\n")

        let device = table("30 22 8:2 /stock /in/a rw - ext4 /dev/sda2 rw\n")
        #expect(device.points(changedSince: before) == ["/in/a"])
        let part = table("30 22 8:1 /other /in/a rw - ext4 /dev/sda1 rw\n")
        #expect(part.points(changedSince: before) == ["/in/a"])
        let options = table("30 22 8:1 /stock /in/a ro,noatime - ext4 /dev/sda1 rw\n")
        #expect(options.points(changedSince: before) == [], "its options say nothing of what is there")
    }

    @Test func `a place is its bytes, whatever they are`() throws {
        let line = #"30 22 0:5 / /in/a\040b\011c\012d\134e\043 rw - tmpfs tmpfs rw"# + "\n"
        let bytes = Array("31 22 0:6 / /in/".utf8) + [0xFF, 0x5C, 0x37] + Array(" rw - tmpfs tmpfs rw\n".utf8)

        #expect(table(line).points(changedSince: table()) == ["/in/a b\tc\nd\\e#"])
        let name = try #require(FilePath.Component(platformString: [-1, 0x5C, 0x37, 0]))
        let points = MountTable(Array(Self.root.utf8) + bytes).points(changedSince: table())
        #expect(points == [FilePath("/in").appending(name)])
    }

    @Test func `a line that is none is left out`() {
        #expect(table("30 22 0:5 /\n", "\n", "x\n").points(changedSince: table()) == [])
    }
}
