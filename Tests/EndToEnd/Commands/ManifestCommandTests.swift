import Glibc
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray manifest get` and `list`, as scripts call them.
    struct ManifestCommandTests {
        @Test(.timeLimit(.minutes(5)))
        func `get prints one field bare, and a list as JSON`() async throws {
            try await withBench([.init(account: "linkedin")]) { bench in
                let path = try bench.write(Media.mp4(bytes: 20_000), to: "inbox/a.mp4").string
                try await bench.sync()
                let entry = try #require(try bench.manifest()?.entries[path])

                let urn = try await bench.run("manifest", "get", path, "--field", "assetUrn")
                let media = try await bench.run("manifest", "get", path, "--field", "mediaId")
                let bytes = try await bench.run("manifest", "get", path, "--field", "bytes")
                let recipes = try await bench.run("manifest", "get", path, "--field", "recipes")
                let all = try await bench.run("manifest", "get", path)
                let wrong = try await bench.run("manifest", "get", path, "--field", "nonsense")

                #expect(urn.code == 0 && urn.output == (entry.assetUrn ?? "none") + "\n", "\(urn)")
                #expect(media.code == 0 && media.output == "\n", "\(media)")
                #expect(bytes.output == "20000\n")
                let list = entry.recipes.map(JSONTree.string)
                #expect(try JSONTree(parsing: Array(recipes.output.utf8)) == .array(list))
                #expect(all.code == 0 && all.output.contains("sha256: \(entry.sha256)\n"), "\(all)")
                #expect(wrong.code == 64, "\(wrong)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `get prints where a file was moved, and a field that is left out as an empty line`() async throws {
            try await withBench { bench in
                let text = #"""
                    {"schema":1,"revision":2,"rejected":{},"entries":{
                    "/in/a":{"folder":"inbox","present":false,"movedTo":"/done/%FF","movedToEncoding":"percent","revision":1},
                    "/in/b":{"folder":"inbox","present":true,"revision":2}}}
                    """#
                try bench.write(Array(text.utf8), to: "manifest.json")

                let plain = try await bench.run("manifest", "get", "/in/a")
                let moved = try await bench.run("manifest", "get", "/in/a", "--field", "movedTo")
                let stayed = try await bench.run("manifest", "get", "/in/b", "--field", "movedTo")
                let code = try await bench.run("manifest", "get", "/in/b", "--field", "code")

                let end = ["movedTo: /done/%FF", "movedToEncoding: percent", "revision: 1"]
                #expect(plain.lines.suffix(3) == end, "\(plain)")
                #expect(moved.code == 0 && moved.output == "/done/%FF\n", "\(moved)")
                #expect(stayed.code == 0 && stayed.output == "\n", "\(stayed)")
                #expect(code.code == 64, "\(code)")
            }
        }

        /// Read back by another program's reader of RFC 4180, python3's.
        @Test(.timeLimit(.minutes(5)))
        func `export is a table that other programs read, one row an entry`() async throws {
            try await withBench([.init(), .init(name: "reels", account: "linkedin")]) { bench in
                let odd = try bench.write(Media.jpeg(), to: "inbox/a \"1\", b\nc.jpg").string
                let video = try bench.write(Media.mp4(bytes: 20_000), to: "reels/a.mp4").string
                let text = try bench.write(Array("no media".utf8), to: "inbox/n,o.jpg").string
                try await bench.sync(endsWith: 65)
                let entries = try #require(try bench.manifest()).entries

                let export = "outtray manifest export --csv --config '\(bench.configuration)'"
                let read =
                    "python3 -c 'import csv,json,sys; print(json.dumps(list(csv.DictReader(sys.stdin, strict=True))))'"
                let table = try await BuiltBinary.run(script: "set -o pipefail; \(export) | \(read)")
                let others = try await BuiltBinary.run(script: "set -o pipefail; \(export) --rejected | \(read)")

                #expect(table.code == 0 && others.code == 0, "\(table)\(others)")
                guard case .array(let rows) = try JSONTree(parsing: Array(table.output.utf8)),
                    case .array(let rejected) = try JSONTree(parsing: Array(others.output.utf8))
                else {
                    Issue.record("\(table)")
                    return
                }
                #expect(rows.compactMap { $0["path"]?.string } == [odd, video])
                #expect(rows.compactMap { $0["sha256"]?.string } == [odd, video].map { entries[$0]?.sha256 })
                #expect(rows[0]["mediaId"]?.string == entries[odd]?.mediaId && rows[0]["assetUrn"]?.string == "")
                #expect(rows[0]["present"]?.string == "true" && rows[1]["bytes"]?.string == "20000")
                let recipes = try JSONTree(parsing: Array((rows[1]["recipes"]?.string ?? "").utf8))
                #expect(recipes == .array((entries[video]?.recipes ?? []).map(JSONTree.string)))
                #expect(rejected.compactMap { $0["path"]?.string } == [text])
                #expect(rejected[0]["code"]?.string == "unsupported-type")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `export has its header without an entry, and what get ends with without a manifest`() async throws {
            try await withBench { bench in
                let none = try await bench.run("manifest", "export", "--csv")
                #expect(none.code == 75 && none.output.isEmpty, "\(none)")
                try await bench.sync()

                let empty = try await bench.run("manifest", "export", "--csv")
                try bench.write([], to: "manifest.json")
                let broken = try await bench.run("manifest", "export", "--csv")

                #expect(empty.code == 0 && empty.output.hasPrefix("path,pathEncoding,folder,kind,"), "\(empty)")
                #expect(empty.output.hasSuffix(",revision\r\n") && empty.output.utf8.count { $0 == 10 } == 1)
                #expect(broken.code == 66, "\(broken)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `get as JSON is the whole entry on one line`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.sync()

                let ending = try await bench.run("manifest", "get", path, "--json")

                #expect(ending.code == 0 && ending.lines.count == 1, "\(ending)")
                var expected = try JSONTree(parsing: try bench.read(bench.manifestFile))["entries"]?[path]
                expected?["path"] = .string(path)
                #expect(try JSONTree(parsing: Array(ending.output.utf8)) == expected)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `get gives 65 with the reason for a rejected file, and 75 for one that is not there yet`() async throws {
            try await withBench { bench in
                let bad = try bench.write(Media.sample("recording.mkv"), to: "inbox/a.mkv").string
                let before = try await bench.run("manifest", "get", bad)
                try await bench.sync(endsWith: 65)

                let rejected = try await bench.run("manifest", "get", bad, "--field", "mediaId")
                let code = try await bench.run("manifest", "get", bad, "--field", "code")
                let unknown = try await bench.run("manifest", "get", bench.path("inbox/none.jpg").string)

                #expect(before.code == 75, "without any manifest: \(before)")
                #expect(rejected.code == 65 && rejected.output.isEmpty, "\(rejected)")
                #expect(rejected.error.contains("Matroska"))
                #expect(code.code == 65 && code.output == "unsupported-type\n", "\(code)")
                #expect(unknown.code == 75 && unknown.output.isEmpty, "\(unknown)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `get takes a relative path, and a manifest in place of a configuration`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.sync()
                let arguments = ["manifest", "get", "./a.jpg", "--field", "mediaId", "--manifest"]

                let ending = try await BuiltBinary.run(
                    arguments + [bench.manifestFile.string],
                    directory: bench.path("inbox")
                )

                #expect(ending.code == 0 && ending.output.hasPrefix("med_"), "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `list has a line a file in order of revision, and since leaves out what is known`() async throws {
            try await withBench { bench in
                for number in 0..<3 {
                    try bench.write(Media.pdf(number), to: "inbox/\(2 - number).pdf")
                    try await bench.sync()
                }
                try bench.write(Media.sample("recording.mkv"), to: "inbox/bad.mkv")
                try await bench.sync(endsWith: 65)
                let manifest = try #require(try bench.manifest())
                let second = try #require(manifest.entries[bench.path("inbox/1.pdf").string]).revision

                let all = try await bench.run("manifest", "list")
                let since = try await bench.run("manifest", "list", "--since", "\(second)", "--json")
                let rejected = try await bench.run("manifest", "list", "--rejected")
                let none = try await bench.run("manifest", "list", "--since", "\(manifest.revision)")

                let names = all.lines.map { $0.split(separator: "\t").last.map(String.init) }
                #expect(names == (0..<3).map { bench.path("inbox/\(2 - $0).pdf").string })
                #expect(all.lines.allSatisfy { $0.split(separator: "\t").count == 4 }, "\(all)")
                #expect(since.lines.count == 1, "\(since)")
                let object = try JSONTree(parsing: Array(since.output.utf8))
                #expect(object["path"] == .string(bench.path("inbox/0.pdf").string))
                #expect(rejected.lines.count == 1 && rejected.output.contains("unsupported-type"), "\(rejected)")
                #expect(none.code == 0 && none.output.isEmpty, "\(none)")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["FIFO", "directory", "device", "socket"])
        func `what is no regular file is refused at once, and not waited for`(kind: String) async throws {
            try await withBench { bench in
                let path = kind == "device" ? FilePath("/dev/zero") : bench.path("odd")
                var socket: NotifySocket?
                switch kind {
                case "FIFO": #expect(mkfifo(path.string, 0o600) == 0)
                case "directory": try bench.makeDirectory("odd")
                case "socket": socket = try NotifySocket(path)
                default: break
                }
                let words = "it is a \(kind), and must be a regular file"
                let file = bench.path("inbox/a.jpg").string

                for command in [["get", file], ["list"]] {
                    let ending = try await BuiltBinary.run(["manifest"] + command + ["--manifest", path.string])
                    #expect(ending.code == 66 && ending.error.contains(words), "\(ending)")
                }
                let configuration = try await BuiltBinary.run(["check", "--config", path.string])
                #expect(configuration.code == 78 && configuration.error.contains(words), "\(configuration)")
                let yaml = bench.yaml([.init()]).replacing("\(bench.manifestFile)", with: "\(path)")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                for command in [["get", file], ["list"]] {
                    let ending = try await BuiltBinary.run(
                        ["manifest"] + command + ["--config", bench.configuration.string]
                    )
                    #expect(ending.code == 66 && ending.error.contains(words), "\(ending)")
                }
                try bench.makeDirectory("state")
                let repair = try await bench.run("check", "--repair")
                #expect(repair.code == 78 && repair.error.contains(words), "\(repair)")
                withExtendedLifetime(socket) {}
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ("", "empty"), ("{\"schema\":1,\"entr", "cut short"), ("{\"schema\": 2}", "schema 2"), ("[]", ""),
            ]
        )
        func `a manifest that cannot be read gives 66, and says why`(text: String, word: String) async throws {
            try await withBench { bench in
                try bench.write(Array(text.utf8), to: "manifest.json")

                let list = try await bench.run("manifest", "list")
                let get = try await bench.run("manifest", "get", bench.path("inbox/a.jpg").string)

                #expect(list.code == 66, "\(list)")
                #expect(get.code == 66, "\(get)")
                #expect(get.error.contains("manifest.json") && get.error.contains(word), "\(get)")
            }
        }
    }
}
