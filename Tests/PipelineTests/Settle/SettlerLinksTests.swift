import Glibc
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files with several names (hard links), in a real directory.
@Suite(.timeLimit(.minutes(5))) struct SettlerLinksTests {
    /// Tells of a change of `a.jpg`, and looks at other names as long as there are any. Returns how many looks it took.
    private func change(_ fixture: SettlerFixture, _ bytes: String) async throws -> Int {
        try fixture.directory.write("a.jpg", bytes)
        await fixture.settler.changed(fixture.directory.at("a.jpg"), folder: "inbox")
        var looks = 0
        while looks < 9, case let names = await fixture.settler.takeOtherNames(), !names.isEmpty {
            looks += 1
            for (folder, paths) in names { await fixture.settler.look(at: paths, in: folder) }
        }
        return looks
    }

    @Test func `each change leads to one look at the other names, however often the file changes`() async throws {
        let fixture = try SettlerFixture { $0.plan() }
        try fixture.directory.write("a.jpg", "1")
        let names = ["a.jpg", "b.jpg", "c.jpg"].map { fixture.directory.at($0) }
        for name in names.dropFirst() { try #require(link(names[0].string, name.string) == 0) }
        await fixture.settler.found(try names.map { try fixture.found($0) })

        #expect(try await change(fixture, "22") == 1)
        #expect(try await change(fixture, "333") == 1)

        for name in names { #expect(await fixture.settler.holds(try fixture.found(name))) }
        fixture.clock.advance(by: .seconds(60))
        #expect(Set(await fixture.settler.takeQuiet().map(\.file.path)) == Set(names))
    }
}
