import Glibc
import SystemPackage
import Testing

@testable import Watch

@Suite(.timeLimit(.minutes(5)))
struct CanaryTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Awaits the directory's move, which does not happen.
    static let deaf = Canary(awaiting: UInt32(IN_MOVE_SELF), within: .milliseconds(20))

    private func answer(_ canary: Canary, at path: FilePath) throws -> Canary.Answer {
        let directory = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try directory.closeAfter { canary.answer(of: directory) }
    }

    @Test func `the opening of a directory is heard, and an event that never comes is not`() throws {
        #expect(try answer(Canary(), at: folder.path) == .heard)
        #expect(try answer(Self.deaf, at: folder.path) == .silent)
    }

    @Test func `what is no directory is not tried`() throws {
        let file = folder.path.appending("a")
        try Disk.write(to: file)

        #expect(try answer(Canary(), at: file) == .untried(.notDirectory))
    }

    @Test func `a wait ends when it is told to`() throws {
        let directory = try FileDescriptor.open(folder.path, .readOnly, options: [.closeOnExec])
        let canary = Canary(awaiting: UInt32(IN_MOVE_SELF), within: .seconds(3600))
        var asked = 0

        let answer = try directory.closeAfter {
            canary.answer(of: directory) {
                asked += 1
                return asked < 3
            }
        }

        #expect(answer == .untried(.canceled) && answer.decidesNothing)
    }

    @Test func `no name, no time and no event of a change is left behind`() throws {
        let inotify = try Inotify()
        let directory = try FileDescriptor.open(folder.path, .readOnly, options: [.closeOnExec])
        _ = try inotify.add(directory, at: { folder.path })
        var (before, after) = (stat(), stat())
        #expect(fstat(directory.rawValue, &before) == 0)

        defer { try? directory.close() }
        #expect(Canary().answer(of: directory) == .heard)
        let isTold = try inotify.waitForEvent(within: .zero)

        #expect(!isTold && fstat(directory.rawValue, &after) == 0)
        let times = [before, after].map {
            [$0.st_atim, $0.st_mtim, $0.st_ctim].flatMap { [Int($0.tv_sec), $0.tv_nsec] }
        }
        #expect(times[0] == times[1])
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `on a real overlay, it is heard through the overlay`() throws {
        for name in ["lower", "upper", "work", "merged"] { try Disk.makeDirectory(folder.path.appending(name)) }
        let merged = folder.path.appending("merged")
        let layers = "lowerdir=\(folder.path)/lower,upperdir=\(folder.path)/upper,workdir=\(folder.path)/work"
        let result = layers.withCString { mount("overlay", merged.string, "overlay", 0, $0) }
        try #require(result == 0, "overlayfs cannot be mounted here: \(Errno(rawValue: errno))")
        defer { umount2(merged.string, Int32(MNT_DETACH)) }
        let directory = try FileDescriptor.open(merged, .readOnly, options: [.closeOnExec])
        defer { try? directory.close() }

        #expect(FileSystemKind.of(directory) == .uncertain("overlayfs"))
        var trust = EventTrust(mode: .auto)
        #expect(trust.verdict(on: directory) == .watch)
    }
}
