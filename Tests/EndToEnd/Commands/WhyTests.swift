import Glibc
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray why`, with the service running and without it.
    struct WhyTests {
        private func steps(_ ending: Ending) throws -> [String] {
            let tree = try JSONTree(parsing: Array(ending.output.utf8))
            return items(tree["steps"]).compactMap { $0["step"]?.string }
        }

        private func items(_ tree: JSONTree?) -> [JSONTree] {
            if case .array(let items)? = tree { items } else { [] }
        }

        /// Asks again and again until the answer has these words.
        private func wait(for words: String, of path: String, in bench: Bench) async throws {
            let deadline = ContinuousClock.now.advanced(by: .seconds(40))
            while true {
                let ending = try await bench.run("why", path)
                if ending.output.contains(words) { return }
                guard ContinuousClock.now < deadline else { throw NotReached(what: words, state: "\(ending)") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is up tells its way, its id and the paths with the same bytes`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.sync()
                let copy = try bench.write(Media.jpeg(), to: "inbox/b.jpg").string
                try await bench.sync()
                let id = try #require(try bench.manifest()?.entries[path]?.mediaId)

                let text = try await bench.run("why", path)
                let json = try await bench.run("why", "--json", path)
                let other = try await bench.run("why", copy, "--json")

                #expect(text.code == 0 && text.lines.first == "\(path)  is up: \(id)", "\(text)")
                #expect(text.output.contains("same bytes  \(copy)"), "\(text)")
                #expect(text.error == "" && json.code == 0 && json.lines.count == 1, "\(json)")
                let way = ["seen", "settled", "classified", "queued", "asked", "sent", "finished"]
                #expect(try Array(steps(json).prefix(7)) == way)
                #expect(try steps(other).contains("reused"))
                let tree = try JSONTree(parsing: Array(json.output.utf8))
                #expect(tree["asset"]?["mediaId"]?.string == id)
                #expect(tree["state"]?.string == "uploaded")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that waits for its account says for what, while the service runs`() async throws {
            try await withBench { bench in
                try bench.writeKey("wrong", of: "main")
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    try await wait(for: "its key was refused", of: path, in: bench)

                    let ending = try await bench.run("why", "--json", path)

                    let tree = try JSONTree(parsing: Array(ending.output.utf8))
                    #expect(tree["cause"]?.string == "key-refused", "\(ending)")
                    #expect(tree["next"]?["what"]?.string == "it goes up when account main opens")
                    #expect(try steps(ending).last == "postponed")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is held open names the process`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                let writer = try FileDescriptor.open(path, .writeOnly, options: .append)
                defer { try? writer.close() }
                try await bench.withDaemon { _ in
                    try await wait(for: "is held open", of: path.string, in: bench)

                    let ending = try await bench.run("why", "--json", path.string)

                    let holder = try items(JSONTree(parsing: Array(ending.output.utf8))["holder"]).first
                    #expect(holder?["pid"] == .number(Double(getpid())), "\(ending)")
                    #expect(holder?["since"]?.string != nil)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a rejected file says why, and one that left is told of`() async throws {
            try await withBench([.init(lines: ["after_upload: delete"])]) { bench in
                let text = try bench.write(Array("hello".utf8), to: "inbox/a.txt").string
                let photo = try bench.write(Media.jpeg(), to: "inbox/b.jpg").string
                try await bench.sync(endsWith: 65)

                let rejected = try await bench.run("why", text)
                let departed = try await bench.run("why", photo)

                #expect(
                    rejected.code == 0 && rejected.output.contains("was rejected: this is plain text"),
                    "\(rejected)"
                )
                #expect(departed.code == 0 && departed.output.contains("its entry stays"), "\(departed)")
                #expect(departed.output.contains("departed    deleted after its upload"), "\(departed)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a path that is not known says why it is not`() async throws {
            try await withBench([.init(lines: ["recursive: false", "ignore: [\"draft-*\"]"])]) { bench in
                try bench.write(Media.jpeg(), to: "inbox/draft-1.jpg")
                try bench.write(Media.jpeg(), to: "inbox/a.part")
                try bench.makeDirectory("inbox/sub")
                try bench.write(Media.jpeg(), to: "inbox/sub/a.jpg")
                try bench.write(Media.jpeg(), to: "inbox/new.jpg")
                #expect(symlink("new.jpg", bench.path("inbox/link.jpg").string) == 0)
                let rows = [
                    ("inbox/draft-1.jpg", "the pattern draft-* matches"),
                    ("inbox/a.part", "the pattern *.part matches"),
                    ("inbox/sub/a.jpg", "does not watch subdirectories"), ("inbox/new.jpg", "no scan of folder inbox"),
                    ("inbox/link.jpg", "links, pipes"), ("inbox/none.jpg", "there is no such file"),
                    ("inbox", "it is a directory"), ("elsewhere.jpg", "it is in no watched folder"),
                    ("inbox/\(String(repeating: "x", count: 300)).jpg", "is not known"),
                    ("inbox/" + String(repeating: "directory/", count: 500) + "a.jpg", "is not known"),
                ]

                for (name, words) in rows {
                    let ending = try await bench.run("why", bench.path(name).string)
                    #expect(ending.code == 1 && ending.output.contains(words), "\(ending)")
                }
            }
        }
    }
}
