import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// How long files rest by their names, and how old they must be.
@Suite(.timeLimit(.minutes(5))) struct SettlerAgeTests {
    private func setTime(of path: FilePath, secondsFromNow seconds: Int) {
        var times = [timespec(), timespec()]
        for index in times.indices { times[index].tv_sec = time(nil) + seconds }
        #expect(path.withPlatformString { utimensat(AT_FDCWD, $0, times, 0) } == 0)
    }

    @Test func `a name's own time is that of the first pattern that matches, and a rename waits its short time`()
        async throws
    {
        let times: [(pattern: String, settle: Duration)] = [
            ("big-*", .seconds(30)), ("*.pdf", .seconds(10)), ("*", .seconds(5)),
        ]
        let fixture = try SettlerFixture { $0.plan(settleTimes: times) }
        let names = ["big-a.pdf", "a.pdf", "a.PDF"]
        for name in names { await fixture.changed(try fixture.directory.write(name, name)) }
        await fixture.changed(try fixture.directory.write("renamed.pdf", "x"), renamed: true)

        #expect(await fixture.step(after: .milliseconds(250)) == [fixture.directory.at("renamed.pdf")])
        #expect(await fixture.step(after: .milliseconds(4750)) == [fixture.directory.at("a.PDF")])
        #expect(await fixture.step(after: .milliseconds(4999)) == [])
        #expect(await fixture.step(after: .milliseconds(1)) == [fixture.directory.at("a.pdf")])
        #expect(await fixture.step(after: .seconds(20)) == [fixture.directory.at("big-a.pdf")])
    }

    @Test func `a file that is still changing waits its name's time again`() async throws {
        let fixture = try SettlerFixture { $0.plan(settleTimes: [("*.pdf", .seconds(10))]) }
        let path = try fixture.directory.write("a.pdf", "one")
        await fixture.changed(path)
        try fixture.directory.write("a.pdf", "longer")

        #expect(await fixture.step(after: .seconds(10)) == [])
        #expect(await fixture.step(after: .milliseconds(9999)) == [])
        #expect(await fixture.step(after: .milliseconds(1)) == [path])
    }

    @Test func `a file that has rested waits until it is old enough, says when, and no pass waits for it`() async throws
    {
        let fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.jpg", "one")
        await fixture.changed(path, renamed: true)

        #expect(await fixture.settler.unsettled() == 1)
        #expect(await fixture.step(after: .milliseconds(250)) == [])
        #expect(await fixture.settler.unsettled() == 0)
        let record = try #require(try await fixture.ledger.record(of: path))
        #expect(record.reason == "is younger than min_age" && record.cause == .settling)
        let left = try #require(record.due).milliseconds - fixture.wall.now.milliseconds
        #expect((29_000...30_000).contains(left), "\(left)")
        #expect(await fixture.step(after: .seconds(28)) == [])
        #expect(await fixture.step(after: .seconds(2)) == [path])
    }

    @Test func `an old file, and one that rests longer anyway, wait for no age`() async throws {
        let fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let old = try fixture.directory.write("old.jpg", "one")
        setTime(of: old, secondsFromNow: -60)
        let half = try fixture.directory.write("half.jpg", "one")
        setTime(of: half, secondsFromNow: -29)
        await fixture.changed(old)
        await fixture.changed(half)

        #expect(Set(await fixture.step(after: .seconds(2))) == [old, half])
    }

    @Test func `an mtime in the future holds a file no longer than its age from when it was seen`() async throws {
        let fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.jpg", "one")
        setTime(of: path, secondsFromNow: 86_400)
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(2)) == [])
        // The kernel stamps by its tick, which lags behind the wall clock by 10 ms at most.
        #expect(await fixture.step(after: .milliseconds(27_950)) == [])
        #expect(await fixture.step(after: .milliseconds(50)) == [path])
    }

    @Test func `an mtime in the future holds a file no longer than its age from its arrival, over processes`()
        async throws
    {
        var fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.jpg", "one")
        setTime(of: path, secondsFromNow: 86_400)
        await fixture.settler.found([try fixture.found(path)])
        #expect(await fixture.step(after: .seconds(2)) == [])

        for second in [12, 22] {
            fixture.restart()
            fixture.wall.advance(by: .seconds(8))
            await fixture.settler.found([try fixture.found(path)])
            #expect(await fixture.step(after: .seconds(2)) == [], "\(second) s")
        }
        fixture.restart()
        fixture.wall.advance(by: .seconds(9))
        await fixture.settler.found([try fixture.found(path)])

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }

    @Test func `a clock that is set back makes no file wait longer`() async throws {
        let fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.jpg", "one")
        await fixture.changed(path)
        #expect(await fixture.step(after: .seconds(20)) == [])

        fixture.wall.advance(by: .seconds(-86_400))
        // Other rights are another version with the same bytes.
        changeRights(of: path)
        await fixture.changed(path)

        #expect(await fixture.step(after: .milliseconds(9000)) == [])
        #expect(await fixture.step(after: .milliseconds(1100)) == [path])
    }

    @Test func `a file that changes is young again`() async throws {
        let fixture = try SettlerFixture { $0.plan(minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.jpg", "one")
        setTime(of: path, secondsFromNow: -25)
        await fixture.changed(path)
        #expect(await fixture.step(after: .seconds(2)) == [])

        try fixture.directory.edit("a.jpg", "another")
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(25)) == [])
        #expect(await fixture.step(after: .seconds(6)) == [path])
    }

    @Test func `a sidecar goes up at no age`() async throws {
        let fixture = try SettlerFixture { $0.plan(sidecars: ["*.txt"], minAge: .seconds(30)) }
        let path = try fixture.directory.write("a.txt", "one")
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }
}
