import Glibc
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct QuietLookTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func found(_ path: FilePath) throws -> FoundFile {
        FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)
    }

    private func look(_ file: FoundFile) -> QuietLook {
        QuietLook.at(file, beneath: directory.path)
    }

    @Test func `a file in the same version has settled, and comes with what it is`() throws {
        let file = try found(directory.write("a.jpg", MediaBytes.jpeg()))
        let short = try found(directory.write("b.jpg", MediaBytes.jpeg().dropLast() + []))

        guard case .settled(let settled) = look(file), case .settled(let other) = look(short) else {
            return fail("not settled")
        }

        #expect(
            settled.file == file
                && settled.finding == .success(MediaFinding(.jpeg, measure: .init(width: 1, height: 1)))
        )
        #expect(try other.finding.get().fault != nil)
    }

    @Test func `a file in another version has changed, also if another file took its name`() throws {
        let file = try found(directory.write("a.jpg", "one"))
        Moment.pass()
        try directory.write("a.jpg", "longer")
        let replaced = try found(directory.write("b.jpg", "one"))
        let newer = try directory.write("c.jpg", "one")
        #expect(rename(newer.string, replaced.path.string) == 0)

        guard case .changed(let now) = look(file), case .changed(let other) = look(replaced) else {
            return fail("not changed")
        }

        #expect(try now == found(file.path))
        #expect(try other == found(replaced.path))
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a file that is open for writing is held open`() throws {
        let file = try found(directory.write("a.jpg", "one"))
        let writer = try FileDescriptor.open(file.path, .writeOnly, options: .append)
        defer { try? writer.close() }

        guard case .heldOpen = look(file) else { return fail("not held open") }
    }

    @Test func `a file that left is gone, and so is one that a link or a pipe has replaced`() throws {
        let missing = try found(directory.write("a.jpg", "one"))
        let link = try found(directory.write("b.jpg", "one"))
        let pipe = try found(directory.write("c.jpg", "one"))
        for file in [missing, link, pipe] { #expect(unlink(file.path.string) == 0) }
        #expect(symlink("/etc/hostname", link.path.string) == 0)
        #expect(mkfifo(pipe.path.string, 0o600) == 0)

        for file in [missing, link, pipe] {
            guard case .gone = look(file) else { return fail("\(file.path) is not gone") }
        }
    }

    @Test(.enabled(if: getuid() != 0, "root reads every file"))
    func `a file that cannot be opened has settled, and the cause comes with it`() throws {
        let file = try found(directory.write("a.jpg", "one"))
        #expect(chmod(file.path.string, 0) == 0)
        let closed = try found(file.path)

        guard case .settled(let settled) = look(closed) else { return fail("not settled") }

        #expect(settled.finding == .failure(.denied))
    }

    @Test func `a file whose path is too long to open has settled, and says so`() throws {
        var path = directory.path
        for _ in 0..<40 { path.append(String(repeating: "d", count: 120)) }
        let file = FoundFile(folder: "inbox", path: path, version: try found(directory.write("a.jpg", "one")).version)

        guard case .settled(let settled) = look(file) else { return fail("not settled") }

        #expect(settled.finding == .failure(.tooLong))
    }

    @Test func `a file whose folder is away has not left`() throws {
        let file = try found(directory.write("in/a.jpg", "one"))
        let root = directory.at("in")
        #expect(rename(root.string, directory.at("away").string) == 0)

        guard case .failed(.noSuchFileOrDirectory) = QuietLook.at(file, beneath: root),
            case .failed(.noSuchFileOrDirectory) = FileLook.at(file.path, beneath: root, folder: "inbox")
        else { return fail("it counts as gone") }

        // Another directory is the folder now.
        try directory.makeDirectory("in")
        guard case .gone = QuietLook.at(file, beneath: root),
            case .gone = FileLook.at(file.path, beneath: root, folder: "inbox")
        else { return fail("it is not there") }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `a file whose disk was unmounted has not left`() throws {
        let disk = try directory.makeDirectory("disk")
        try Mount.memory(on: disk)
        defer { while umount2(disk.string, Int32(MNT_DETACH)) == 0 {} }
        let file = try found(directory.write("disk/a.jpg", "one"))
        try Mount.unmount(disk)

        guard case .failed(.noSuchFileOrDirectory) = look(file) else { return fail("it counts as gone") }
    }
}
