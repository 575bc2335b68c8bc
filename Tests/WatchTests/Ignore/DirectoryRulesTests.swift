import SystemPackage
import Testing

@testable import Watch

@Suite struct DirectoryRulesTests {
    /// Whether a file at the path is ignored, with these texts as `.outtrayignore` files.
    private func ignores(_ path: String, _ files: [String: String], ignore: [String] = [], ignoringCase: Bool = false)
        -> Bool
    {
        var rules = DirectoryRules(IgnoreRules(adding: ignore, ignoringCase: ignoringCase))
        var directory = ""
        let names = path.split(separator: "/").map(String.init)
        for (index, name) in names.enumerated() {
            let file = files[directory].map { IgnoreList(file: Array($0.utf8), ignoringCase: ignoringCase) }
            rules.take(file.map(IgnoreFile.rules) ?? .none)
            guard let component = FilePath.Component(name) else { return false }
            let isLast = index == names.count - 1
            if component.withBorrowedName({ rules.ignores($0, isDirectory: !isLast || path.hasSuffix("/")) }) {
                return true
            }
            component.withBorrowedName { rules.enter($0) }
            directory += directory.isEmpty ? name : "/\(name)"
        }
        return false
    }

    /// The rules and examples of gitignore(5), one a row. A path with a slash at its end is a directory.
    @Test(arguments: [
        ("# note\n\nfoo", "foo", true), ("\\#foo", "#foo", true), ("#foo", "#foo", false), ("foo  ", "foo", true),
        ("foo\\ ", "foo ", true), ("foo\\ ", "foo", false), ("foo\t", "foo", false), ("foo\r\nbar\r\n", "foo", true),
        ("\u{FEFF}foo", "foo", true), ("*.jpg\n!a.jpg", "a.jpg", false), ("!a.jpg\n*.jpg", "a.jpg", true),
        ("\\!important!.txt", "!important!.txt", true), ("foo/", "foo", false), ("foo/", "foo/", true),
        ("foo/", "foo/a.jpg", true), ("foo/", "sub/foo/a.jpg", true), ("doc/frotz", "doc/frotz", true),
        ("doc/frotz", "a/doc/frotz", false), ("/doc/frotz", "doc/frotz", true), ("doc/frotz/", "doc/frotz", false),
        ("doc/frotz/", "a/doc/frotz/", false), ("frotz/", "a/frotz/", true), ("/foo", "foo", true),
        ("/foo", "a/foo", false),
        ("foo/*", "foo/test.json", true), ("foo/*", "foo/bar/", true), ("foo/*", "foo/bar/hello.c", true),
        ("foo/*\n!foo/bar", "foo/bar/hello.c", false), ("foo\n!foo/bar", "foo/bar", true), ("**/foo", "foo", true),
        ("**/foo", "a/b/foo", true), ("**/foo/bar", "x/foo/bar", true), ("**/foo/bar", "foo/x/bar", false),
        ("abc/**", "abc/d/e", true), ("abc/**", "abc", false), ("abc/**", "x/abc/d", false), ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/b", true), ("a/**/b", "a/x/y/b", true), ("a**b", "axxb", true), ("hello.*", "a/hello.c", true),
        ("/hello.*", "a/hello.c", false), ("vmlinux*", "arch/vmlinux.lds", true),
        ("vmlinux*\n!vmlinux*.lds", "a/vmlinux.lds", false),
        ("/*\n!/foo\n/foo/*\n!/foo/bar", "foo/bar", false), ("/*\n!/foo\n/foo/*\n!/foo/bar", "foo/baz", true),
        ("/*\n!/foo\n/foo/*\n!/foo/bar", "other", true), ("foo\\", "foo", false), ("[a-z]x", "bx", true),
        ("", "a", false), ("/", "a", false), ("!", "a", false), ("foo/**", "foo/", false), ("a?c", "abc", true),
    ])
    func `the rules of gitignore hold`(text: String, path: String, expected: Bool) {
        #expect(ignores(path, ["": text]) == expected)
    }

    @Test func `a deeper file wins, and its patterns begin at its own directory`() {
        let files = ["": "*.jpg\n/sub/b.png", "sub": "!*.jpg\n/c.png\ndeep/d.png", "sub/deep": "e.jpg"]

        #expect(ignores("a.jpg", files) && !ignores("sub/a.jpg", files) && !ignores("sub/deep/a.jpg", files))
        #expect(ignores("sub/b.png", files) && ignores("sub/c.png", files) && !ignores("c.png", files))
        #expect(
            ignores("sub/deep/d.png", files) && ignores("sub/deep/e.jpg", files) && !ignores("sub/deep/c.png", files)
        )
    }

    @Test func `a file beneath an ignored directory stays ignored`() {
        #expect(ignores("raw/keep.jpg", ["": "raw/\n!raw/keep.jpg", "raw": "!keep.jpg"]))
    }

    @Test func `files win over the configuration, and this over the built-in patterns, but for Outtray's own names`() {
        let configuration = ["*.draft.*", "!*.tmp", "!.keep", "!.outtray*", "!*.part", "sub/x"]

        #expect(ignores("a.draft.jpg", [:], ignore: configuration))
        #expect(!ignores("a.draft.jpg", ["": "!*.draft.*"], ignore: configuration))
        #expect(!ignores("a.tmp", [:], ignore: configuration) && !ignores(".keep/a.jpg", [:], ignore: configuration))
        #expect(ignores("a.tmp", ["": "*.tmp"], ignore: configuration) && ignores("sub/x", [:], ignore: configuration))
        #expect(!ignores("a.jpg.part", [:], ignore: configuration))
        #expect(ignores(".hidden", [:], ignore: configuration))
        for name in [".outtrayignore", ".outtray-1-2.a.jpg", "a.jpg.0123456789abcdef.part"] {
            #expect(ignores(name, ["": "!*"], ignore: configuration), "\(name)")
        }
    }

    @Test func `a list of the configuration has no comments, and a space at the end counts`() {
        #expect(ignores("#a#", [:], ignore: ["#*#", "!x"]) && ignores("#b", [:], ignore: ["#b"]))
        #expect(ignores("a ", [:], ignore: ["a "]) && !ignores("a", [:], ignore: ["a "]))
    }

    @Test func `patterns are as written, unless case is to be ignored`() {
        #expect(!ignores("A.JPG", ["": "*.jpg"], ignore: ["B*"]) && !ignores("b", [:], ignore: ["B*"]))
        #expect(
            ignores("A.JPG", ["": "*.jpg"], ignoringCase: true) && ignores("b", [:], ignore: ["B*"], ignoringCase: true)
        )
        #expect(ignores("A.TMP", [:]))
    }

    @Test func `bytes that are no UTF-8 are matched as they are`() throws {
        let name = try #require(FilePath.Component(platformString: [-1, 0x61, 0]))
        for (pattern, expected) in [
            ([0xFF, 0x61], true), ([0x2A, 0x61], true), ([0xFE, 0x61], false), ([0x5B, 0xFF, 0x5D, 0x61], true),
        ] {
            var rules = DirectoryRules(IgnoreRules())
            rules.take(.rules(IgnoreList(file: pattern.map { UInt8($0) })))
            #expect(name.withBorrowedName { rules.ignores($0, isDirectory: false) } == expected, "\(pattern)")
        }
    }

    @Test func `the pattern that decides is named with its file and line`() throws {
        let folder = try TemporaryFolder()
        try Disk.makeDirectory(folder.path.appending("sub"))
        try Disk.write("# mine\n\n*.png\n!b.png\n", to: folder.path.appending("sub/.outtrayignore"))
        let watched = folder.watched(ignore: ["*.gif", "raw/"])
        let file = folder.path.appending("sub/.outtrayignore")
        func exclusion(_ name: String) -> WatchedFolder.Exclusion? {
            watched.exclusionOnDisk(of: folder.path.pushing(FilePath(name)))
        }

        #expect(
            exclusion("sub/a.png") == .ignored("a.png", IgnoreMatch(pattern: "*.png", source: .file(file, line: 3)))
        )
        #expect(exclusion("a.gif") == .ignored("a.gif", IgnoreMatch(pattern: "*.gif", source: .configuration(0))))
        #expect(exclusion("raw/a.jpg") == .ignored("raw", IgnoreMatch(pattern: "raw/", source: .configuration(1))))
        #expect(exclusion("a.png") == nil && exclusion("sub/b.png") == nil)
        #expect(
            watched.exception(for: folder.path.appending("sub/b.png"), try IgnoreFiles(of: watched))
                == IgnoreMatch(pattern: "!b.png", source: .file(file, line: 4), isNegated: true)
        )
    }

    @Test func `a file that cannot be read leaves all below undecided`() throws {
        let folder = try TemporaryFolder()
        let watched = folder.watched()
        for name in ["link", "large", "directory"] { try Disk.makeDirectory(folder.path.appending(name)) }
        try Disk.link(folder.path.appending("link/.outtrayignore"), to: "/etc/hostname")
        try Disk.write(String(repeating: "a\n", count: 32_769), to: folder.path.appending("large/.outtrayignore"))
        try Disk.makeDirectory(folder.path.appending("directory/.outtrayignore"))

        for name in ["link", "large", "directory"] {
            let exclusion = watched.exclusionOnDisk(of: folder.path.pushing(FilePath("\(name)/deep/a.jpg")))
            guard case .undecided(let file, _, _) = exclusion else {
                Issue.record("\(name): \(String(describing: exclusion))")
                continue
            }
            #expect(file == folder.path.pushing(FilePath("\(name)/.outtrayignore")))
            #expect(throws: Errno.self) { try FolderListing.files(beneath: folder.path, of: watched) }
        }
        #expect(watched.exclusionOnDisk(of: folder.path.appending("a.jpg")) == nil)
    }
}
