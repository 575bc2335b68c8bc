import Crypto
import Glibc
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline
@testable import Watch

/// The way of a departing file to its target, where something comes between.
@Suite(.timeLimit(.minutes(5))) struct DepartureMoveTests {
    private let folder: TemporaryDirectory
    private let target: TemporaryDirectory
    private let places = HeldPlaces()
    private let targets = MoveTargets()
    private let threads = BlockingThreads(name: "test", bound: 2)

    init() throws {
        folder = try TemporaryDirectory()
        target = try TemporaryDirectory()
        try folder.write("a.jpg", "one")
    }

    private func move(
        version: FileVersion? = nil,
        at known: FilePath? = nil,
        objection: @escaping @Sendable () async throws -> String? = { nil },
        aim: @escaping @Sendable (FilePath) async throws -> Void = { _ in }
    ) throws -> DepartureMove {
        let departure = Departure.sample(
            root: folder.path,
            path: folder.at("a.jpg"),
            version: try version ?? FileStatus.of(folder.at("a.jpg")).version,
            action: .move(target.path),
            sha256: SHA256Digest(bytes: Array(SHA256.hash(data: Array("one".utf8)))),
            aim: known
        )
        return DepartureMove(
            departure: departure,
            root: folder.path,
            target: target.path,
            directory: FilePath(""),
            isQuiet: true,
            places: places,
            targets: targets,
            look: DepartureDisk(threads: threads, patience: .usual, root: folder.path, leaving: {}, late: {}),
            objection: objection,
            aim: aim
        )
    }

    @Test func `a file whose account turns out to be another one stays, and nothing is left behind`() async throws {
        let reason = "its folder has another account by now"

        let ending = try await move(objection: { reason }).run()

        #expect(ending == .returned(as: folder.at("a.jpg"), reason: reason))
        #expect(try folder.names() == ["a.jpg"])
        #expect(try target.names() == [])
    }

    @Test(arguments: ["", "sub"])
    func `a target that has come to lie in a watched folder takes no file`(part: String) async throws {
        try folder.makeDirectory("sub")
        let watched = DirectoryPlace(of: folder.path)
        #expect(places.claim(watched, of: "inbox", for: threads) == nil)
        #expect(rmdir(target.path.string) == 0)
        #expect(symlink(folder.at(part).string, target.path.string) == 0)

        await #expect(throws: DepartureTrouble.Overlap.self) { try await move().run() }

        #expect(try folder.names().sorted() == ["a.jpg", "sub"])
    }

    @Test(arguments: [true, false])
    func `a file that was written to while it was set aside stays, whatever mtime it has`(isThere: Bool) async throws {
        let move = try move()
        guard case .aside = try AsideFile.take(move.departure, beneath: folder.path, isQuiet: true) else {
            return fail("it was not set aside")
        }
        let name = try #require(HiddenName(.file, of: move.departure)?.component?.string)
        try folder.rewriteKeepingTimes(name, "two")
        // As after a copy whose original was not removed.
        if isThere { try target.write("a.jpg", "one") }

        let ending = try await self.move(version: move.departure.version, at: isThere ? target.at("a.jpg") : nil).run()

        #expect(ending == .returned(as: folder.at("a.jpg"), reason: DepartureTrouble.otherBytes))
        #expect(try folder.text("a.jpg") == "two")
    }

    @Test func `a file that cannot be moved after all has its own name again`() async throws {
        let move = try move(aim: { _ in throw Errno.noSpace })

        await #expect(throws: Errno.noSpace) { try await move.run() }

        #expect(try folder.names() == ["a.jpg"])
        #expect(try folder.text("a.jpg") == "one")
    }

    @Test func `a file that nothing speaks against lies beneath the target`() async throws {
        let ending = try await move().run()

        #expect(ending == .left(to: target.at("a.jpg")))
        #expect(try folder.names() == [])
        #expect(try target.text("a.jpg") == "one")
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `a target whose disk was unmounted takes no file until it is mounted again`() async throws {
        try Mount.memory(on: target.path)
        defer { while umount2(target.path.string, Int32(MNT_DETACH)) == 0 {} }
        #expect(try await move().run() == .left(to: target.at("a.jpg")))
        try folder.write("a.jpg", "one")

        try Mount.unmount(target.path)
        await #expect(throws: DepartureTrouble.Unmounted.self) { try await move().run() }
        #expect(try folder.names() == ["a.jpg"])
        #expect(try target.names() == [])

        try Mount.memory(on: target.path)
        #expect(try await move().run() == .left(to: target.at("a.jpg")))
    }
}
