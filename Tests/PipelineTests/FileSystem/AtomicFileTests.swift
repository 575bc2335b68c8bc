import Glibc
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct AtomicFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `nothing is seen before commit, all of it after`() throws {
        try directory.write("file", "old")
        let file = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        let line = String(repeating: "x", count: 1000) + "\n"
        for _ in 0..<200 { try file.write(line) }
        #expect(try directory.text("file") == "old")

        try file.commit()

        #expect(try directory.text("file") == String(repeating: line, count: 200))
        #expect(try directory.names() == ["file"])
    }

    @Test func `a link where the new file is to be written is not followed`() throws {
        try directory.write("victim", "mine")
        try directory.link(".file.new", to: "victim")

        #expect(throws: FileFailure(directory.at(".file.new"), "cannot be written", .tooManySymbolicLinkLevels)) {
            try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        }
        #expect(try directory.text("victim") == "mine")
    }

    @Test func `what a crash left beside it is written over`() throws {
        try directory.write(".file.new", "longer than the new content")
        let file = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        try file.write("new")
        try file.commit()

        #expect(try directory.text("file") == "new")
        #expect(try directory.names() == ["file"])
    }

    @Test func `one that was given up takes nothing of the next with it, however late it goes`() throws {
        var first: AtomicFile? = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        first?.discard()
        #expect(try directory.names() == [])
        #expect(throws: FileFailure.self) { try first?.commit() }
        let next = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        try next.write("new")
        first = nil

        try next.commit()

        #expect(try directory.text("file") == "new")
    }

    /// Links from `file`, and what they lead to.
    private static let links = [
        (["file": "far/target"], "far/target"), (["file": "far/../far/target"], "far/target"),
        (["file": "second", "second": "far/third", "far/third": "target"], "far/target"),
    ]

    @Test(arguments: links, [true, false])
    func `where its path is a link, what that leads to is replaced`(
        link: (links: [String: String], target: String),
        isThere: Bool
    ) throws {
        try directory.makeDirectory("far")
        for (name, target) in link.links { try directory.link(name, to: target) }
        if isThere { try directory.write(link.target, "old") }

        let file = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        try file.write("new")
        // Beside the target, which may lie on another file system.
        #expect(directory.holds("far/.target.new"))
        try file.commit()

        for name in link.links.keys {
            var status = stat()
            #expect(lstat(directory.at(name).string, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        }
        #expect(try directory.text(link.target) == "new")
        #expect(try directory.names() == (link.links.keys.filter { !$0.contains("/") } + ["far"]).sorted())
    }

    @Test func `links that lead in a circle are told with their path`() throws {
        try directory.link("file", to: "other")
        try directory.link("other", to: "file")

        #expect(throws: FileFailure(directory.at("file"), "cannot be found", .tooManySymbolicLinkLevels)) {
            try AtomicFile(directory.at("file"), mode: .ownerReadWrite)
        }
    }

    @Test func `a path that cannot be replaced is named`() throws {
        try directory.makeDirectory("file/full")
        let file = try AtomicFile(directory.at("file"), mode: .ownerReadWrite)

        #expect(throws: FileFailure(directory.at("file"), "cannot be replaced", .isDirectory)) { try file.commit() }
    }

    @Test func `the name beside it is made of bytes`() throws {
        let path = directory.path.pushing(FilePath(bytes: [0x61, 0xFF]))
        let other = directory.path.pushing(FilePath(bytes: [0x61, 0xFE]))
        let files = try [path, other].map { try AtomicFile($0, mode: .ownerReadWrite) }

        for (number, file) in files.enumerated() {
            try file.write("\(number)")
            try file.commit()
        }

        let contents = try [path, other].map { path in
            let file = try FileDescriptor.open(path, .readOnly)
            return try file.closeAfter { try file.readAll() }
        }
        #expect(contents == [Array("0".utf8), Array("1".utf8)])
    }
}
