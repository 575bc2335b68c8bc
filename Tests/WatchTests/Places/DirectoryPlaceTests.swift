import SystemPackage
import Testing

@testable import Watch

/// Which directories show the same files.
@Suite struct DirectoryPlaceTests {
    private static let root = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

    private func places(_ lines: [String], _ paths: [FilePath]) -> [DirectoryPlace] {
        let table = MountTable(Array((Self.root + lines.map { $0 + "\n" }.joined()).utf8))
        return paths.map {
            DirectoryPlace(path: $0, mount: table.mount(of: $0, number: nil), mounts: table)
        }
    }

    private func overlap(_ lines: [String], _ one: FilePath, _ other: FilePath) -> DirectoryPlace.Overlap? {
        let places = places(lines, [one, other])
        return places[0].overlap(with: places[1])
    }

    @Test func `by their paths alone, directories are apart, the same, or one in the other`() {
        #expect(overlap([], "/srv/a", "/srv/b") == nil)
        #expect(overlap([], "/srv/a", "/srv/ab") == nil)
        #expect(overlap([], "/srv/a", "/srv/a") == .same)
        #expect(overlap([], "/srv/a/b", "/srv/a") == .inside)
        #expect(overlap([], "/srv/a", "/srv/a/b") == .around)
    }

    @Test func `a bind mount shows the directory that it mounts, and the directories in it`() {
        let mount = ["30 22 8:1 /srv/in /mnt/late rw - ext4 /dev/sda1 rw"]

        #expect(overlap(mount, "/mnt/late", "/srv/in") == .same)
        #expect(overlap(mount, "/mnt/late/sub", "/srv/in") == .inside)
        #expect(overlap(mount, "/mnt/late", "/srv/in/sub") == .around)
        #expect(overlap(mount, "/srv", "/mnt/late") == .around)
        #expect(overlap(mount, "/mnt/late", "/srv/other") == nil)
    }

    @Test func `what is mounted beneath a folder belongs to it`() {
        let mount = ["30 22 8:1 /srv/in/sub /srv/late/x rw - ext4 /dev/sda1 rw"]

        #expect(overlap(mount, "/srv/late", "/srv/in") == .shared)
        #expect(overlap(mount, "/srv/in", "/srv/late") == .shared)
        #expect(overlap(mount, "/srv/late/y", "/srv/in") == nil)
        #expect(places(mount, ["/srv/late", "/srv/late/x", "/srv/in"]).map(\.hasMounts) == [true, false, false])
    }

    @Test func `another device is another place, whatever its paths are called`() {
        let mounts = ["30 22 8:2 / /mnt/a rw - ext4 /dev/sda2 rw", "31 22 8:3 / /mnt/b rw - ext4 /dev/sda3 rw"]

        #expect(overlap(mounts, "/mnt/a", "/mnt/b") == nil)
        #expect(overlap(mounts + ["32 22 8:2 /x /mnt/c rw - ext4 /dev/sda2 rw"], "/mnt/c", "/mnt/a") == .inside)
    }

    @Test func `what is hidden under another mount does not show`() {
        let under = "30 22 8:1 /srv/in /mnt/late/x rw - ext4 /dev/sda1 rw"

        #expect(overlap([under], "/mnt/late", "/srv/in") == .shared)
        let above = "31 22 8:2 / /mnt/late rw - ext4 /dev/sda2 rw"
        #expect(overlap([under, above], "/mnt", "/srv/in") == nil, "by a mount of the directory above")
        let over = "32 30 8:2 / /mnt/late/x rw - ext4 /dev/sda2 rw"
        #expect(overlap([under, over], "/mnt/late", "/srv/in") == nil, "by a mount in its very place")
        let within = "33 32 8:1 /srv/in /mnt/late/x/y rw - ext4 /dev/sda1 rw"
        #expect(overlap([under, over, within], "/mnt/late", "/srv/in") == .shared, "shown again further down")
    }

    @Test func `exports of one NFS server are told apart by their source`() {
        let mounts = [
            "30 22 0:50 / /mnt/a rw shared:1 - nfs4 server:/a rw",
            "31 22 0:50 / /mnt/b rw shared:2 - nfs4 server:/b rw",
            "32 22 0:50 / /mnt/c rw - nfs4 server:/a rw",
        ]

        #expect(overlap(mounts, "/mnt/a", "/mnt/b") == nil)
        #expect(overlap(mounts, "/mnt/a", "/mnt/c") == .same)
    }

    @Test func `links lead to the place, and what is not there yet has one`() throws {
        let folder = try TemporaryFolder()
        try Disk.makeDirectories(folder.path.appending("in/sub"))
        try Disk.link(folder.path.appending("late"), to: folder.path.appending("in"))
        let place = DirectoryPlace(of: folder.path.appending("in"))

        #expect(DirectoryPlace(of: folder.path.appending("late")).overlap(with: place) == .same)
        #expect(DirectoryPlace(of: folder.path.appending("late/sub")).overlap(with: place) == .inside)
        #expect(DirectoryPlace(of: folder.path.appending("late/none/x")).overlap(with: place) == .inside)
        #expect(DirectoryPlace(of: folder.path.appending("none")).overlap(with: place) == nil)
        #expect(DirectoryPlace(of: folder.path).overlap(with: place) == .around)
    }

    @Test func `the kernel's table names the mount of each path`() throws {
        let table = MountTable.read()

        for path in ["/", "/proc", "/proc/self", "/dev", "/tmp"] as [FilePath] {
            let place = DirectoryPlace(of: path, mounts: table)
            #expect(place.overlap(with: DirectoryPlace(of: path, mounts: table)) == .same)
        }
        let proc = DirectoryPlace(of: "/proc/self/fd", mounts: table)
        #expect(proc.overlap(with: DirectoryPlace(of: "/tmp", mounts: table)) == nil)
    }
}
