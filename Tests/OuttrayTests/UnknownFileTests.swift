import Control
import Glibc
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import outtray

@Suite struct UnknownFileTests {
    private let directory: TemporaryDirectory
    private let configuration: Configuration

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("in/sub/a.jpg", "x")
        try directory.write("flat/sub/a.jpg", "x")
        try directory.link("in/link", to: "sub")
        try directory.link("in/file.jpg", to: "sub/a.jpg")
        let text = """
            state_dir: /s
            accounts: {main: {provider: sandbox}}
            folders:
              in:
                path: \(directory.at("in"))
                account: main
                ignore:
                  - "*.draft.*"
                  - "raw"
              flat: {path: \(directory.at("flat")), account: main, recursive: false, ignore: ["*.part"]}
              photos:
                path: \(directory.at("photos"))
                account: main
                ignore: ["raw*"]
                sidecars: ["*.xmp", "*.txt"]
                done_suffix: .txt.ok
            """
        configuration = try Configuration.read(text, file: "o.yaml", environment: [:])
    }

    private func rule(_ name: String) -> UnknownFile {
        UnknownFile(directory.path.pushing(FilePath(name)), in: configuration)
    }

    @Test func `a person's own pattern is named with its line, in a block and in brackets`() {
        #expect(
            rule("in/b.draft.jpg")
                == .ignored(name: "b.draft.jpg", IgnoringRule(pattern: "*.draft.*", line: 8), folder: "in")
        )
        #expect(rule("in/raw/b.jpg") == .ignored(name: "raw", IgnoringRule(pattern: "raw", line: 9), folder: "in"))
        // One of the defaults, too: the person's own counts.
        #expect(
            rule("flat/b.part") == .ignored(name: "b.part", IgnoringRule(pattern: "*.part", line: 10), folder: "flat")
        )
        #expect(rule("in/b.draft.jpg").words.hasSuffix("*.draft.* matches (line 8 of the configuration)"))
    }

    @Test func `a pattern of Outtray's own has no line`() {
        #expect(rule("in/b.part") == .ignored(name: "b.part", IgnoringRule(pattern: "*.part", line: nil), folder: "in"))
        #expect(rule("in/b.part").words.hasSuffix("*.part matches (one of Outtray's own)"))
    }

    @Test func `what lies behind a link is passed over, and a link itself`() {
        #expect(rule("in/link/a.jpg") == .link(directory.at("in").appending("link")))
        #expect(rule("in/file.jpg") == .notRegular)
    }

    @Test func `the disk tells of a path that is known, or that leads to a file of a folder`() throws {
        try directory.write("outside.jpg", "x")
        for (name, isTold) in [
            ("in/sub/a.jpg", true), ("outside.jpg", false), ("in/link/a.jpg", false), ("in/file.jpg", false),
        ] {
            let path = directory.path.pushing(FilePath(name))
            #expect((FileExplanation(path, KnownFile(), in: configuration).file != nil) == isTold, "\(name)")
        }
        let known = KnownFile(steps: [FileStep(.left, at: Timestamp(milliseconds: 0))])
        #expect(FileExplanation(directory.at("outside.jpg"), known, in: configuration).file != nil)
    }

    @Test func `a marker is told with the file that it speaks of, if that is there`() throws {
        try directory.write("photos/a.txt", "x")
        try directory.write("photos/a.txt.ok", "")
        try directory.write("photos/a.jpg", "x")
        try directory.write("photos/a.jpg.txt.ok", "")
        try directory.makeDirectory("photos/d.txt.ok")
        let photo = directory.at("photos").appending("a.jpg")

        #expect(rule("photos/a.jpg.txt.ok") == .marker(of: photo, suffix: ".txt.ok", folder: "photos"))
        #expect(rule("photos/a.txt.ok") == .marker(of: nil, suffix: ".txt.ok", folder: "photos"))
        #expect(
            rule("photos/a.jpg.txt.ok").companionWords
                == "is a marker of a.jpg: names in folder photos that end with .txt.ok are (done_suffix)"
        )
        #expect(rule("photos/a.txt.ok").words.contains("its file is not there"))
        #expect(rule("photos/a.txt.ok").isPassedOver == true && rule("photos/a.txt.ok").isWatched)
        #expect(rule("photos/d.txt.ok") == .directory)
    }

    @Test func `a sidecar is told with the files that it stands beside, and with its pattern`() throws {
        let names = ["a.jpg", "a.mp4", "raw.txt", "a.jpg.txt", "sub/a.jpg", "raw.a.jpg", "b.txt"]
        for name in names { try directory.write("photos/\(name)", "x") }
        let photos = directory.at("photos")

        let rule = rule("photos/a.txt")
        #expect(
            rule
                == .sidecar(
                    of: [photos.appending("a.jpg"), photos.appending("a.mp4")],
                    pattern: "*.txt",
                    line: 15,
                    folder: "photos"
                )
        )
        #expect(
            rule.words
                == "it is a sidecar of a.jpg, a.mp4: the pattern *.txt of folder photos matches (line 15 of the configuration)"
        )
        #expect(self.rule("photos/a.jpg.txt").words.hasPrefix("it is a sidecar of a.jpg: "))
        #expect(self.rule("photos/b.txt").words.hasPrefix("it is a sidecar, and no file is beside it"))
        #expect(rule.isPassedOver == true && self.rule("photos/a.jpg").isPassedOver == false)
        // What is passed over is no sidecar.
        #expect(
            self.rule("photos/raw.txt")
                == .ignored(name: "raw.txt", IgnoringRule(pattern: "raw*", line: 14), folder: "photos")
        )
    }

    @Test func `a link or a directory with a sidecar's name is none`() throws {
        try directory.write("photos/a.jpg", "x")
        try directory.link("photos/a.txt", to: "a.jpg")
        try directory.write("photos/b.txt/c.jpg", "x")

        #expect(rule("photos/a.txt") == .notRegular)
        #expect(rule("photos/b.txt") == .directory)
        #expect(rule("photos/b.txt/c.jpg") == .notScanned(folder: "photos"))
    }

    @Test func `each rule says whether a scan passes over the path`() {
        let passedOver = ["in/.a.jpg", "in/link/a.jpg", "in/file.jpg", "elsewhere/a.jpg", "flat/sub/a.jpg"]
        let taken = ["in/sub/a.jpg", "in/sub", "in/none.jpg", "in"]

        #expect(passedOver.map { rule($0).isPassedOver } == passedOver.map { _ in true })
        #expect(taken.map { rule($0).isPassedOver } == taken.map { _ in false })
    }
}
