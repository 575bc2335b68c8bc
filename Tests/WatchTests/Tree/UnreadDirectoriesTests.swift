import SystemPackage
import Testing

@testable import Watch

@Suite struct UnreadDirectoriesTests {
    @Test func `what changed is told once`() {
        var unread = UnreadDirectories()
        #expect(unread.news() == nil)

        unread.note("/in/b", "Permission denied", scan: 1)
        unread.note("/in/c", "Permission denied", scan: 1)
        #expect(unread.news() == Unread(count: 2, first: "/in/b", reason: "Permission denied"))
        unread.note("/in/b", "Permission denied", scan: 1)
        #expect(unread.news() == nil)

        unread.note("/in/a", "Input/output error", scan: 1)
        #expect(unread.news() == Unread(count: 3, first: "/in/b", reason: "Permission denied"))
        unread.clear("/in/b")
        #expect(unread.news() == Unread(count: 2, first: "/in/a", reason: "Input/output error"))
        unread.clear("/in/a")
        unread.clear("/in/c")
        #expect(unread.news() == .some(nil))
        #expect(unread.news() == nil)
    }

    @Test func `what came and went in between is no news`() {
        var unread = UnreadDirectories()
        unread.note("/in/b", "Permission denied", scan: 1)
        unread.clear("/in/b")

        #expect(unread.news() == nil)
    }

    @Test func `what lies beneath goes with its directory`() {
        var unread = UnreadDirectories()
        for path in ["/in/a", "/in/a/b/c", "/in/ab"] as [FilePath] { unread.note(path, "no", scan: 1) }

        #expect(unread.clear(from: "/in/a/b") == true)
        #expect(unread.clear(from: "/in/a") == true)
        #expect(unread.clear(from: "/in/a") == false)
        #expect(unread.news() == Unread(count: 1, first: "/in/ab", reason: "no"))
    }

    @Test func `what a later pass does not meet is not there any more`() {
        var unread = UnreadDirectories()
        unread.note("/in/a", "no", scan: 1)
        unread.note("/in/b", "no", scan: 1)
        unread.note("/in/b", "no", scan: 2)
        unread.clear(metBefore: 2)

        #expect(unread.news() == Unread(count: 1, first: "/in/b", reason: "no"))
    }
}
