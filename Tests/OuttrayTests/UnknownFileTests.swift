import Glibc
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
            """
        configuration = try Configuration.read(text, file: "o.yaml", environment: [:])
    }

    private func rule(_ name: String) -> UnknownFile {
        UnknownFile(directory.path.pushing(FilePath(name)), in: configuration)
    }

    @Test func `a person's own pattern is named with its line, in a block and in brackets`() {
        #expect(rule("in/b.draft.jpg") == .ignored(name: "b.draft.jpg", pattern: "*.draft.*", line: 8, folder: "in"))
        #expect(rule("in/raw/b.jpg") == .ignored(name: "raw", pattern: "raw", line: 9, folder: "in"))
        // One of the defaults, too: the person's own counts.
        #expect(rule("flat/b.part") == .ignored(name: "b.part", pattern: "*.part", line: 10, folder: "flat"))
        #expect(rule("in/b.draft.jpg").words.hasSuffix("*.draft.* matches (line 8 of the configuration)"))
    }

    @Test func `a pattern of Outtray's own has no line`() {
        #expect(rule("in/b.part") == .ignored(name: "b.part", pattern: "*.part", line: nil, folder: "in"))
        #expect(rule("in/b.part").words.hasSuffix("*.part matches (one of Outtray's own)"))
    }

    @Test func `what lies behind a link is passed over, and a link itself`() {
        #expect(rule("in/link/a.jpg") == .link(directory.at("in").appending("link")))
        #expect(rule("in/file.jpg") == .notRegular)
    }

    @Test func `each rule says whether a scan passes over the path`() {
        let passedOver = ["in/.a.jpg", "in/link/a.jpg", "in/file.jpg", "elsewhere/a.jpg", "flat/sub/a.jpg"]
        let taken = ["in/sub/a.jpg", "in/sub", "in/none.jpg", "in"]

        #expect(passedOver.map { rule($0).isPassedOver } == passedOver.map { _ in true })
        #expect(taken.map { rule($0).isPassedOver } == taken.map { _ in false })
    }
}
