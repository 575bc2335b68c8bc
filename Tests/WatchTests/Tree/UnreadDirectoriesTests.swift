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
        #expect(unread.news() == Unread(count: 3, first: "/in/a", reason: "Input/output error"))
        unread.clear("/in/c")
        var fewer = Unread(count: 2, first: "/in/a", reason: "Input/output error")
        fewer.isNews = false
        #expect(unread.news() == fewer, "for the count alone")
        unread.clear("/in/a")
        unread.clear("/in/b")
        #expect(unread.news() == .some(nil))
        #expect(unread.news() == nil)
    }

    @Test func `each newly closed directory is named once, and thousands of them without a flood`() {
        var unread = UnreadDirectories()
        var named: [FilePath] = []
        for number in 0..<10_000 {
            unread.note(FilePath("/in/\(number)"), "no", scan: 1)
            if let news = unread.news(), let news, news.isNews { named.append(news.first) }
        }

        #expect(named.prefix(10) == (0..<10).map { FilePath("/in/\($0)") }[...])
        #expect(
            named == (0..<10).map { FilePath("/in/\($0)") }
                + [19, 39, 79, 159, 319, 639, 1279, 2559, 5119].map { FilePath("/in/\($0)") }
        )
        for number in 1..<10_000 {
            unread.clear(FilePath("/in/\(number)"))
            if let news = unread.news(), let news { #expect(!news.isNews && news.count == 10_000 - number) }
        }
        unread.note("/in/5", "no", scan: 2)
        #expect(unread.news() == Unread(count: 2, first: "/in/5", reason: "no"), "it was open meanwhile")
    }

    @Test func `what stays closed is named when all that was named is open`() {
        var unread = UnreadDirectories()
        for path in ["/in/a", "/in/b"] as [FilePath] { unread.note(path, "no", scan: 1) }
        #expect(unread.news() == Unread(count: 2, first: "/in/a", reason: "no"))
        unread.clear("/in/a")

        #expect(unread.news() == Unread(count: 1, first: "/in/b", reason: "no"))
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

    @Test func `a file is told of until its directory is read with it, and not anew at each look`() {
        var unread = UnreadDirectories()
        unread.note(file: "/in/a/x", "no", scan: 1)
        unread.note(file: "/in/b/y", "no", scan: 1)
        #expect(unread.news() == Unread(count: 2, first: "/in/a/x", reason: "no"))
        #expect(unread.isFile("/in/a/x") && !unread.isFile("/in/a"))

        for file in ["/in/a/x", "/in/b/y", "/in/a/x"] as [FilePath] {
            unread.clear(file.removingLastComponent(), keeping: file)
            unread.note(file: file, "no", scan: 1)
            #expect(unread.news() == nil)
        }

        unread.clear("/in/a", keeping: "/in/a/z")
        unread.note(file: "/in/a/z", "no", scan: 1)
        #expect(unread.news() == Unread(count: 2, first: "/in/a/z", reason: "no"))
        unread.clear("/in/a")
        unread.clear("/in/b")
        #expect(unread.news() == .some(nil))
        #expect(unread.isEmpty && !unread.isFile("/in/a/z"))
    }
}
