import Glibc
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files that cannot be looked at for a while, in a real directory.
@Suite(.timeLimit(.minutes(5))) struct SettlerFailedLooksTests {
    /// Takes the looks at files that could not be looked at before. Returns how many files that were.
    private func lookAgain(_ fixture: SettlerFixture, after duration: Duration) async -> Int {
        fixture.clock.advance(by: duration)
        let files = await fixture.settler.takeFailedLooks()
        for (folder, files) in files { await fixture.settler.lookAgain(at: files, in: folder) }
        return files.values.reduce(0) { $0 + $1.count }
    }

    @Test(.enabled(if: Mount.hasDeadFiles))
    func `a changed file that could not be looked at for a moment settles all the same`() async throws {
        let fixture = try SettlerFixture { $0.plan() }
        let path = try fixture.directory.write("a.jpg", "one")
        try Mount.deadFile(on: path)
        defer { while umount2(path.string, Int32(MNT_DETACH)) == 0 {} }
        await fixture.changed(path)
        #expect(await fixture.settler.count == 0)
        #expect(await fixture.settler.nextDeadline == fixture.clock.now.advanced(by: .seconds(1)))

        #expect(await lookAgain(fixture, after: .milliseconds(999)) == 0)
        #expect(await lookAgain(fixture, after: .milliseconds(1)) == 1)
        #expect(await fixture.settler.count == 0)
        try Mount.unmount(path)
        #expect(await lookAgain(fixture, after: .seconds(1)) == 0, "the pauses grow")
        #expect(await lookAgain(fixture, after: .seconds(1)) == 1)

        #expect(await fixture.settler.count == 1)
        #expect(await fixture.step(after: .seconds(2)) == [path])
        #expect(await lookAgain(fixture, after: .seconds(1000)) == 0)
    }

    @Test func `a file whose look was broken off is looked at again`() async throws {
        let fixture = try SettlerFixture { $0.plan() }
        let path = try fixture.directory.write("a.jpg", "one")
        let hang = Hang()
        await hang.take(fixture.settler.threads["inbox"])
        let task = Task { await fixture.changed(path) }
        task.cancel()
        await task.value
        hang.letGo()
        #expect(await fixture.settler.count == 0)

        #expect(await lookAgain(fixture, after: .seconds(1)) == 1)

        #expect(await fixture.settler.count == 1)
    }

    @Test func `a look that saw a file missing erases nothing that was noted since it began`() async throws {
        let fixture = try SettlerFixture { $0.plan() }
        let path = try fixture.directory.write("a.jpg", "one")
        let found = try fixture.found(path)
        try fixture.directory.remove("a.jpg")
        let hang = Hang()
        await hang.take(fixture.settler.threads["inbox"])

        let look = Task.immediate { await fixture.changed(path) }
        // The look has begun, and waits for a thread.
        #expect(await fixture.settler.count == 0)
        fixture.clock.advance(by: .milliseconds(1))
        await fixture.settler.found([found])
        hang.letGo()
        await look.value

        #expect(await fixture.settler.count == 1)
        // The look at the end of its quiet time decides.
        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(await fixture.settler.count == 0)
    }

    @Test func `a file whose folder is away for a moment waits for it`() async throws {
        let fixture = try SettlerFixture { $0.plan() }
        let (root, away) = (fixture.directory.path, FilePath("\(fixture.directory.path)-away"))
        let path = try fixture.directory.write("a.jpg", MediaBytes.jpeg())
        await fixture.changed(path)
        try #require(rename(root.string, away.string) == 0)

        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(try await fixture.reason(path)?.contains("may be away") == true)
        try #require(rename(away.string, root.string) == 0)

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }
}

@Suite struct FailedLooksTests {
    private let start = ManualClock().now
    private var looks = FailedLooks<ManualClock.Instant>()

    /// Takes all files at their time; each fails again.
    private mutating func failAgain() throws -> Duration {
        let due = try #require(looks.due)
        for (path, renamed) in looks.take(at: due) { looks.note(path, renamed: renamed, at: due) }
        #expect(looks.due == nil, "not during a look")
        looks.end(at: due)
        return due.duration(to: try #require(looks.due))
    }

    @Test mutating func `pauses grow while the same files fail, and begin anew with another file`() throws {
        looks.note("/in/a", renamed: false, at: start)
        #expect(looks.due == start.advanced(by: .seconds(1)))
        looks.note("/in/a", renamed: false, at: start.advanced(by: .milliseconds(500)))
        #expect(looks.due == start.advanced(by: .seconds(1)), "events do not put it off")

        var pauses: [Duration] = []
        for _ in 0..<10 { pauses.append(try failAgain()) }
        #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })

        let now = try #require(looks.due).advanced(by: .seconds(-100))
        looks.note("/in/b", renamed: true, at: now)
        #expect(looks.due == now.advanced(by: .seconds(1)))
        #expect(try failAgain() == .seconds(2))
    }

    @Test mutating func `what could be looked at is not looked at again`() {
        looks.note("/in/a", renamed: false, at: start)
        looks.note("/in/b", renamed: true, at: start)
        looks.forget("/in/a")
        #expect(looks.take(at: start.advanced(by: .seconds(1))).map(\.path) == ["/in/b"])
        looks.end(at: start.advanced(by: .seconds(1)))
        #expect(looks.due == nil)
    }

    @Test mutating func `of very many files some are left to the next scan`() {
        for number in 0..<5000 { looks.note(FilePath("/in/\(number)"), renamed: false, at: start) }

        #expect(looks.take(at: start.advanced(by: .seconds(1))).count == 1024)
    }
}
