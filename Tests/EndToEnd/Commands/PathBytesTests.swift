import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Paths that a person reads alike, or that are no text at all, are told apart by every command.
    struct PathBytesTests {
        /// Two spellings of one name, as Linux and macOS write them.
        private static let spellings = ["caf\u{E9}.png", "cafe\u{301}.png"]

        @Test(.timeLimit(.minutes(5)))
        func `two spellings of one name are two files, for push as for the manifest's commands`() async throws {
            try await withBench { bench in
                let paths = try Self.spellings.enumerated().map { number, name in
                    try bench.write(Media.pdf(number), to: "inbox/\(name)").string
                }

                let push = try await bench.run("push", paths[0], paths[1])
                let gets = [
                    try await bench.run("manifest", "get", paths[0], "--field", "mediaId"),
                    try await bench.run("manifest", "get", paths[1], "--field", "mediaId"),
                ]
                let list = try await bench.run("manifest", "list")
                let json = try await bench.run("manifest", "list", "--json")

                #expect(push.code == 0, "\(push)")
                let ids = push.lines.map { $0.prefix { $0 != "\t" } }
                #expect(Set(ids).count == 2, "\(push)")
                #expect(gets.map(\.output) == ids.map { "\($0)\n" })
                #expect(list.lines.count == 2 && json.lines.count == 2, "\(list)")
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a repair brings back both of two spellings, and nothing goes up again`() async throws {
            try await withBench { bench in
                for (number, name) in Self.spellings.enumerated() {
                    try bench.write(Media.pdf(number), to: "inbox/\(name)")
                }
                try await bench.sync()
                // The snapshot alone: the journal has a line each.
                try FileManager.default.removeItem(atPath: bench.journalFile.string)
                for file in try FileManager.default.contentsOfDirectory(atPath: bench.state.string) {
                    try FileManager.default.removeItem(atPath: "\(bench.state)/\(file)")
                }

                let repair = try await bench.run("check", "--repair")
                try await bench.sync()

                #expect(repair.code == 0 && repair.output.contains("rebuilt 2 entries"), "\(repair)")
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `names that are no UTF-8 are told apart, and from the names that their keys look like`() async throws {
            try await withBench { bench in
                let names = ["x%FF.pdf", "x\\xFF.pdf", "x\\xFE.pdf", "x\\xFF\\xFE.pdf", "x%25FF.pdf"]
                for (number, name) in names.enumerated() {
                    let file = try bench.write(Media.pdf(number), to: "source.pdf")
                    let copy = try await BuiltBinary.run(script: "mv '\(file)' $'\(bench.path("inbox"))/\(name)'")
                    #expect(copy.code == 0, "\(copy)")
                }
                let arguments = names.map { "$'\(bench.path("inbox"))/\($0)'" }
                let config = "--config '\(bench.configuration)'"

                let push = try await BuiltBinary.run(
                    script: "outtray push \(config) \(arguments.joined(separator: " "))"
                )
                var gets: [String] = []
                for argument in arguments {
                    let get = "outtray manifest get \(config) --field mediaId \(argument)"
                    gets += try await BuiltBinary.run(script: get).lines
                }

                #expect(push.code == 0, "\(push)")
                let ids = push.lines.map { String($0.prefix { $0 != "\t" }) }
                #expect(Set(ids).count == names.count, "\(push)")
                #expect(gets == ids)
                let keys = try #require(try bench.manifest()).entries.keys.map { $0.split(separator: "/").last ?? "" }
                #expect(
                    Set(keys) == ["x%25FF.pdf", "x%FF.pdf", "x%FE.pdf", "x%FF%FE.pdf", "x%2525FF.pdf"]
                )
            }
        }
    }
}
