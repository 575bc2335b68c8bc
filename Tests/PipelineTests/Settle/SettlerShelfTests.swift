import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files that wait for long, past the number that the window has room for: the ledger alone has them.
@Suite(.timeLimit(.minutes(5))) struct SettlerShelfTests {
    private let names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]

    private func write(_ fixture: SettlerFixture) throws -> [FilePath] {
        try names.map { try fixture.directory.write($0, "bytes of \($0)") }
    }

    @Test func `of many files with a long quiet time the window has some, and all settle`() async throws {
        let fixture = try SettlerFixture(mostPending: 2) { $0.plan(settle: .seconds(60)) }
        let paths = try write(fixture)

        await fixture.settler.found(try paths.map(fixture.found))

        #expect(await fixture.settler.count == 2)
        #expect(try await fixture.ledger.counts() == [.settling: 5])
        #expect(await fixture.step(after: .milliseconds(59_999)) == [])
        #expect(await fixture.settler.unsettled() == 3, "two, and one for all that are shelved")
        var settled: [FilePath] = []
        for _ in 0..<4 {
            settled += await fixture.step(after: .seconds(1))
            #expect(await fixture.settler.count <= 2)
        }
        #expect(Set(settled) == Set(paths) && settled.count == paths.count)
        _ = await fixture.step(after: .seconds(1))
        #expect(await fixture.settler.unsettled() == 0)
        #expect(await fixture.settler.nextShelved == nil)
    }

    @Test func `a shelved file that changes waits its quiet time anew, and one that left is not waited for`()
        async throws
    {
        let fixture = try SettlerFixture(mostPending: 1) { $0.plan(settle: .seconds(60)) }
        let paths = try write(fixture)
        await fixture.settler.found(try paths.prefix(3).map(fixture.found))
        #expect(await fixture.step(after: .seconds(30)) == [])

        try fixture.directory.write("b.jpg", "other bytes")
        await fixture.changed(paths[1])
        await fixture.settler.forget(paths[2])

        #expect(await fixture.step(after: .seconds(30)) == [paths[0]])
        #expect(await fixture.step(after: .seconds(29)) == [])
        #expect(await fixture.step(after: .seconds(2)) == [paths[1]])
        #expect(try await fixture.ledger.record(of: paths[2]) == nil)
    }

    @Test func `of many files that are too young the window has one, and all settle when they are old enough`()
        async throws
    {
        let fixture = try SettlerFixture(mostPending: 1) { $0.plan(minAge: .seconds(30)) }
        let paths = try write(fixture)
        for path in paths { await fixture.changed(path, renamed: true) }

        #expect(await fixture.step(after: .milliseconds(250)) == [])

        #expect(await fixture.settler.count == 1)
        #expect(await fixture.settler.unsettled() == 0, "no pass waits for them")
        #expect(await fixture.step(after: .seconds(28)) == [])
        var settled: [FilePath] = []
        for _ in 0..<8 {
            settled += await fixture.step(after: .seconds(2))
            #expect(await fixture.settler.count <= 1)
        }
        #expect(Set(settled) == Set(paths))
    }

    @Test func `of many files without markers the window has one, and each goes when its marker comes`() async throws {
        let fixture = try SettlerFixture(mostPending: 1) { $0.plan(done: DoneSuffix(".done")) }
        let paths = try write(fixture)
        for path in paths { await fixture.changed(path) }
        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(await fixture.settler.count == 1)

        // A scan is no news to those that wait.
        await fixture.settler.found(try paths.map(fixture.found))
        #expect(await fixture.settler.count == 1)
        #expect(await fixture.step(after: .seconds(3600)) == [])

        Moment.pass()
        for path in paths.prefix(3) {
            let marker = try fixture.directory.write("\(path.lastComponent?.string ?? "").done", "")
            await fixture.changed(marker)
            #expect(await fixture.step() == [path])
        }
        let found = try paths.suffix(2).map { path in
            try fixture.found(try fixture.directory.write("\(path.lastComponent?.string ?? "").done", ""))
        }
        await fixture.settler.found(found)
        #expect(Set(await fixture.step()) == Set(paths.suffix(2)))
    }

    @Test(arguments: [30, 62])
    func `files without markers, of which the window is full, keep no file from its look`(seconds: Int) async throws {
        let fixture = try SettlerFixture(mostPending: 1) {
            $0.plan(settle: .seconds(60), done: DoneSuffix(".done"))
        }
        let paths = try write(fixture).prefix(2)
        for path in paths { await fixture.changed(path) }
        #expect(await fixture.step(after: .seconds(seconds)) == [])
        #expect(await fixture.step() == [])

        Moment.pass()
        await fixture.changed(try fixture.directory.write("b.jpg.done", ""))
        var settled: [FilePath] = []
        for _ in 0..<3 { settled += await fixture.step(after: .seconds(20)) }

        #expect(settled == [paths[1]])
        #expect(await fixture.settler.count == 1)
        #expect(await fixture.settler.unsettled() == 0)
    }
}
