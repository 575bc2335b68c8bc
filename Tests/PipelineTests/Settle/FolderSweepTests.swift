import SystemPackage
import Testing
import Watch

@testable import Pipeline

@Suite struct FolderSweepTests {
    private static let stick: UInt64 = 7
    private static let disk: UInt64 = 8

    /// A sweep after a scan that found files on the disk alone.
    private func sweep(formerly former: Set<UInt64> = [], on devices: Set<UInt64> = [disk]) -> FolderSweep {
        var seen = SeenFiles()
        seen.insert(on: devices, formerly: former)
        return FolderSweep(seen)
    }

    /// Takes looks at files that were on the stick, in both rounds. `standing`: the directories that are there. Returns
    /// those that have left.
    private func left(
        _ sweep: inout FolderSweep,
        _ looks: [(FilePath, FileAbsence)],
        standing: Set<FilePath> = ["/in"]
    ) -> Set<FilePath> {
        var left: Set<FilePath> = []
        for (path, absence) in looks where sweep.hasLeft(path, on: Self.stick, absence) { left.insert(path) }
        sweep.decide(standing: sweep.doubts.intersection(standing))
        for (path, absence) in looks where sweep.hasLeftAfterAll(path, on: Self.stick, absence) { left.insert(path) }
        return left
    }

    private let looks: [(FilePath, FileAbsence)] = [
        ("/in/stick/a.jpg", .elsewhere("/in")), ("/in/stick/sub/b.jpg", .elsewhere("/in")),
    ]

    @Test func `files count as there if their device is nowhere, and the directory around them is not there`() {
        var sweep = sweep()

        #expect(left(&sweep, looks).isEmpty)
        #expect(sweep.removed == ["/in/stick": 2] && sweep.empty.isEmpty)
        #expect(sweep.unmounted == UnmountedFiles(count: 2, directories: 1, first: "/in/stick"))
        #expect(!sweep.hasLeft(sidecar: "/in/stick/a.txt", on: Self.stick, .elsewhere("/in")))
        #expect(sweep.hasLeft(sidecar: "/in/stick/a.txt", on: Self.disk, .elsewhere("/in")))
        #expect(sweep.hasLeft(sidecar: "/in/stick/a.txt", on: Self.disk, .gone))
    }

    @Test func `files have left a device on which others were found`() {
        var sweep = sweep(on: [Self.disk, Self.stick])

        #expect(left(&sweep, looks) == ["/in/stick/a.jpg", "/in/stick/sub/b.jpg"] && sweep.removed.isEmpty)
        #expect(sweep.unmounted == nil)
        #expect(sweep.hasLeft(sidecar: "/in/stick/a.txt", on: Self.stick, .elsewhere("/in")))
    }

    @Test func `files have left a device that has another number now`() {
        var sweep = sweep(formerly: [Self.stick])

        #expect(left(&sweep, looks) == ["/in/stick/a.jpg", "/in/stick/sub/b.jpg"])
    }

    @Test func `files have left if the directory around all of them is there, with something else in it`() {
        var sweep = sweep()
        let all = left(&sweep, looks, standing: ["/in", "/in/stick"])
        #expect(all == ["/in/stick/a.jpg", "/in/stick/sub/b.jpg"] && sweep.removed.isEmpty)
        #expect(sweep.hasLeft(sidecar: "/in/stick/a.txt", on: Self.stick, .elsewhere("/in/stick")))

        var other = self.sweep()
        let apart = left(&other, looks + [("/in/z.jpg", .elsewhere("/in"))])
        #expect(apart.count == 3, "the folder itself is around them")
    }

    @Test func `what is not known stays, and so does what an empty directory shows in the place of`() {
        var sweep = sweep()
        let looks: [(FilePath, FileAbsence)] = [
            ("/in/a.jpg", .none), ("/in/b.jpg", .gone), ("/in/card/c.jpg", .unmounted("/in/card")),
        ]

        #expect(left(&sweep, looks) == ["/in/b.jpg"])
        #expect(sweep.empty == ["/in/card": 1] && sweep.doubts.isEmpty)
        #expect(!sweep.hasLeft(sidecar: "/in/card/c.txt", on: Self.stick, .unmounted("/in/card")))
        #expect(!sweep.hasLeft(sidecar: "/in/c.txt", on: Self.stick, .none))
    }
}
