import SystemPackage
import Testing

@testable import Watch

@Suite struct HeldPlacesTests {
    private final class Owner {}

    private let folder: TemporaryFolder
    private let places = HeldPlaces()
    private let one = Owner()
    private let other = Owner()

    init() throws {
        folder = try TemporaryFolder()
        try Disk.makeDirectories(folder.path.appending("in/sub"))
    }

    private func take(_ name: String, _ path: String, for owner: Owner) -> String? {
        places.claim(DirectoryPlace(of: folder.path.appending(path)), of: name, for: owner)
    }

    @Test func `the first folder has a place, until it leaves`() {
        #expect(take("in", "in", for: one) == nil)
        #expect(take("in", "in", for: one) == nil, "its own place is free for it")

        #expect(take("late", "in/sub", for: other)?.contains("folder in") == true)

        places.leave(one)
        #expect(take("late", "in/sub", for: other) == nil)
        #expect(take("in", "in", for: one)?.contains("folder late") == true)
    }

    @Test func `a folder that finds its new place taken has none`() {
        #expect(take("in", "in", for: one) == nil)
        #expect(take("late", "elsewhere", for: other) == nil)

        #expect(take("late", "in", for: other) != nil)

        #expect(take("in", "elsewhere", for: one) == nil)
    }

    @Test func `a directory in a folder has its files, one around it only for other folders`() {
        #expect(take("in", "in", for: one) == nil)

        #expect(places.reason(against: folder.path.appending("in/sub")) != nil)
        #expect(places.reason(against: folder.path.appending("in/none")) != nil)
        #expect(places.reason(against: folder.path) == nil)
        #expect(places.reason(against: folder.path.appending("done")) == nil)
        #expect(places.reason(against: folder.path.appending("in"), except: "in") == nil)
        #expect(places.reason(against: folder.path, except: "late") != nil)
    }
}
