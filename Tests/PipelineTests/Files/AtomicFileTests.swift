import Pipeline
import SystemPackage
import TestSupport
import Testing

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

        #expect(throws: Errno.tooManySymbolicLinkLevels) {
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
}
