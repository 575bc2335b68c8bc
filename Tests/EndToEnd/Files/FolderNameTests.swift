import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// What the manifest says of files whose folder has another key, or none any more.
    struct FolderNameTests {
        /// A change of the configuration, after which nobody tells that a file of the folder leaves.
        struct Change: Sendable, CustomTestStringConvertible {
            let what: String
            let lines: [String]
            var text = (from: "", to: "")
            /// Where the file lies.
            var file = "inbox/a.pdf"

            var testDescription: String { what }

            static let all = [
                Change(what: "folder removed", lines: [], text: ("  inbox:", "  other:")),
                Change(what: "path changed", lines: [], text: ("inbox\n", "other\n")),
                Change(what: "ignored", lines: ["ignore: [\"a.*\"]"]),
                Change(what: "not recursive any more", lines: ["recursive: false"], file: "inbox/deep/a.pdf"),
            ]

            func make(_ bench: Bench) throws {
                var yaml = bench.yaml([.init(lines: lines)])
                if !text.from.isEmpty { yaml = yaml.replacing(text.from, with: text.to) }
                if what == "folder removed" {
                    yaml = yaml.replacing("\(bench.root)/inbox", with: "\(bench.root)/other")
                }
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `entries get the new key of their folder, and what left meanwhile is not present`() async throws {
            try await withBench { bench in
                for name in ["a", "b"] {
                    try bench.write(Media.pdf(name.count + (name == "a" ? 0 : 1)), to: "inbox/\(name).pdf")
                }
                try bench.write(Array("text".utf8), to: "inbox/c.txt")
                try await bench.sync(endsWith: 65)

                try bench.remove("inbox/b.pdf")
                let yaml = bench.yaml([.init()]).replacing("  inbox:", with: "  renamed:")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await bench.sync()

                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.values.allSatisfy { $0.folder == "renamed" })
                #expect(manifest.rejected.values.map(\.folder) == ["renamed"])
                #expect(manifest.entries[bench.path("inbox/a.pdf").string]?.present == true)
                #expect(manifest.entries[bench.path("inbox/b.pdf").string]?.present == false)
                #expect(bench.page.assets.count == 2, "nothing goes up again")
                let revision = manifest.revision
                try await bench.sync()
                #expect(try bench.manifest()?.revision == revision)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Change.all)
        func `a file that no folder watches any more is not present once it is gone`(change: Change) async throws {
            try await withBench { bench in
                try bench.makeDirectory("other")
                try bench.makeDirectory("inbox/deep")
                try bench.write(Media.pdf(), to: change.file)
                try await bench.sync()

                try change.make(bench)
                try await bench.sync()
                let path = bench.path(change.file).string
                #expect(try bench.manifest()?.entries[path]?.present == true, "it is there")
                try bench.remove(change.file)
                try await bench.sync()

                #expect(try bench.manifest()?.entries[path]?.present == false)
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that was pushed is not present once it is gone`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.pdf(), to: "outside.pdf")
                let ending = try await bench.run("push", "--account", "main", path.string)
                #expect(ending.code == 0, "\(ending)")

                try bench.remove("outside.pdf")
                try await bench.sync()

                #expect(try bench.manifest()?.entries[path.string]?.present == false)
            }
        }
    }
}
