import SystemPackage
import Testing

@testable import Watch

@Suite struct WatchedFolderTests {
    private let folder = WatchedFolder(
        name: "in",
        path: "/in",
        ignore: IgnoreRules(adding: ["raw*"]),
        sidecars: NamePatterns(["*.txt", "*.XMP"])
    )

    @Test func `a sidecar is told by its name, as the pattern is written`() {
        #expect(folder.exclusion(of: "/in/a.txt") == .sidecar("a.txt"))
        #expect(folder.exclusion(of: "/in/sub/a.XMP") == .sidecar("a.XMP"))
        for path: FilePath in ["/in/a.xmp", "/in/a.jpg", "/in/a.txt/b.jpg", "/other/a.txt", "/in"] {
            #expect(folder.exclusion(of: path) == nil, "\(path)")
        }
    }

    @Test func `a name that is ignored, and one in a directory that is not watched, is no sidecar`() {
        var flat = folder
        flat.recursive = false

        let own = IgnoreMatch(pattern: "raw*", source: .configuration(0))
        #expect(folder.exclusion(of: "/in/raw.txt") == .ignored("raw.txt", own))
        let builtIn = IgnoreMatch(pattern: ".*", source: .builtIn)
        #expect(folder.exclusion(of: "/in/.a.txt") == .ignored(".a.txt", builtIn))
        #expect(flat.exclusion(of: "/in/sub/a.txt") == .subdirectory)
    }

    @Test func `a marker is one whatever ignores its name, but for this program's own names and ignored directories`() {
        var marked = folder
        marked.done = DoneSuffix(".txt")

        #expect(marked.exclusion(of: "/in/raw.txt") == .marker("raw.txt"))
        #expect(marked.exclusion(of: "/in/.a.jpg.txt") == .marker(".a.jpg.txt"))
        let own = IgnoreMatch(pattern: "raw*", source: .configuration(0))
        #expect(marked.exclusion(of: "/in/raw/a.txt") == .ignored("raw", own))
        let builtIn = IgnoreMatch(pattern: ".*", source: .builtIn)
        #expect(marked.exclusion(of: "/in/.outtray.txt") == .ignored(".outtray.txt", builtIn))
        #expect(marked.exclusion(of: "/in/raw.txt", isDirectory: true) == .ignored("raw.txt", own))
    }

    @Test func `a directory is no sidecar, whatever its name`() {
        #expect(folder.exclusion(of: "/in/set.txt", isDirectory: true) == nil)
    }

    @Test func `of patterns, the first that matches is named`() {
        let patterns = NamePatterns(["*.t?t", "*.txt"])

        #expect(patterns.first(matching: "a.txt") == "*.t?t" && patterns.first(matching: "a.jpg") == nil)
        #expect(patterns.match("a.txt") && !patterns.match("a.jpg") && !NamePatterns().match("a.txt"))
    }
}
