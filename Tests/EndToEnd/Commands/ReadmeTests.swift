import Foundation
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// What the page on the sandbox says to type does what it says.
    struct ReadmeTests {
        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `the sandbox's block can be pasted whole`(hasPicture: Bool) async throws {
            let directory = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory.string) }
            if hasPicture {
                let picture = directory.appending("cat.png").string
                try Data(Media.sample("picture.png")).write(to: URL(fileURLWithPath: picture))
            }
            let block = try #require(try Self.blocks().first { $0.contains("outtray sandbox --directory") })
                .replacing("/tmp/sandbox", with: "\(directory)/sandbox")

            // As it stands, but that the sandbox is ended, and that the first command that fails ends it.
            let ending = try await BuiltBinary.run(
                script: "trap 'kill $(jobs -p)' EXIT\nset -e\n\(block)\necho done",
                directory: directory,
                isolated: true
            )

            #expect(ending.code == 0 && ending.lines.last == "done", "\(ending)")
        }

        /// The page's blocks of shell.
        private static func blocks() throws -> [Substring] {
            let file = FilePath(#filePath).removingLastComponent().pushing("../../../docs/sandbox.md")
            let text = try String(contentsOfFile: file.string, encoding: .utf8)
            return text.split(separator: "```sh\n").dropFirst().compactMap { $0.split(separator: "\n```").first }
        }
    }
}
