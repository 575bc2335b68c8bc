import Foundation
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The manifest of all hosts, and the commands that read it.
    struct FleetManifestTests {
        /// As two hosts have it, of which this one is `ingest-1`. Both have `/srv/both.jpg`.
        private let text = #"""
            {"schema":1,"revision":4,"rejected":{"ingest-2:/srv/n.txt":{"host":"ingest-2","path":"/srv/n.txt",
            "folder":null,"code":"empty","reason":"no bytes","at":"2026-11-22T10:15:30Z","revision":4}},"entries":{
            "ingest-1:/srv/both.jpg":{"host":"ingest-1","path":"/srv/both.jpg","mediaId":"med_1","revision":1},
            "ingest-2:/srv/both.jpg":{"host":"ingest-2","path":"/srv/both.jpg","mediaId":"med_2","revision":2},
            "ingest-2:/srv/a%25%FF":{"host":"ingest-2","path":"/srv/a%25%FF","pathEncoding":"percent","mediaId":"med_3",
            "revision":3}}}
            """#

        /// A bench of a host of this name, with that manifest.
        private func withText(host: String, _ work: @Sendable (Bench) async throws -> Void) async throws {
            try await withBench { bench in
                let fleet = "fleet: {database: \"host=/nowhere dbname=x\", host: \(host)}\n"
                try bench.write(Array((fleet + bench.yaml([Bench.Folder()])).utf8), to: "outtray.yaml")
                let place = bench.state.appending("fleet.json")
                try FileManager.default.createDirectory(atPath: bench.state.string, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(fileURLWithPath: place.string))
                try await work(bench)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a path is this host's, or the named host's, or the only one's`() async throws {
            try await withText(host: "ingest-1") { bench in
                let own = try await bench.run("manifest", "get", "--fleet", "/srv/both.jpg", "--field", "mediaId")
                let named = try await bench.run(
                    "manifest",
                    "get",
                    "--fleet",
                    "ingest-2:/srv/both.jpg",
                    "--field",
                    "mediaId"
                )
                let all = try await bench.run("manifest", "get", "--fleet", "ingest-2:/srv/both.jpg")
                let json = try await bench.run("manifest", "get", "--fleet", "ingest-2:/srv/both.jpg", "--json")
                let only = try await bench.run("manifest", "get", "--fleet", "/srv/n.txt")
                let none = try await bench.run("manifest", "get", "--fleet", "ingest-3:/srv/both.jpg")

                #expect(own.code == 0 && own.output == "med_1\n", "\(own)")
                #expect(named.code == 0 && named.output == "med_2\n", "\(named)")
                #expect(all.lines.prefix(2) == ["host: ingest-2", "path: /srv/both.jpg"], "\(all)")
                let object = #"{"host":"ingest-2","path":"/srv/both.jpg","mediaId":"med_2","revision":2}"#
                #expect(json.output == object + "\n", "\(json)")
                #expect(only.code == 65 && only.error.contains("rejected (empty): no bytes"), "\(only)")
                #expect(none.code == 75 && none.error.contains("does not have ingest-3:/srv/both.jpg"), "\(none)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a path of several other hosts is told with them, and a list has all`() async throws {
            try await withText(host: "ingest-9") { bench in
                let several = try await bench.run("manifest", "get", "--fleet", "/srv/both.jpg")
                let list = try await bench.run("manifest", "list", "--fleet")

                #expect(several.code == 64, "\(several)")
                #expect(several.error.contains("ingest-1:/srv/both.jpg, ingest-2:/srv/both.jpg"), "\(several)")
                #expect(
                    list.lines.map { $0.split(separator: "\t").last } == [
                        "ingest-1:/srv/both.jpg", "ingest-2:/srv/both.jpg", "ingest-2:/srv/a%25%FF",
                    ],
                    "\(list)"
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `without a fleet, there is no manifest of one`() async throws {
            try await withBench { bench in
                for words in [["get", "/srv/a"], ["list"], ["follow"]] {
                    let ending = try await BuiltBinary.run(
                        ["manifest"] + words + ["--fleet", "--config", bench.configuration.string]
                    )
                    #expect(ending.code == 78 && ending.error.contains("there is no fleet in it"), "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `bytes are found by whatever file has them`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                let copy = try bench.write(Media.jpeg(1), to: "elsewhere.jpg").string
                let other = try bench.write(Media.jpeg(2), to: "other.jpg").string
                try await bench.sync()
                let entry = try #require(try bench.manifest()?.entries[bench.path("inbox/a.jpg").string])

                let found = try await bench.run("manifest", "get", "--content", copy, "--field", "mediaId")
                let path = try await bench.run("manifest", "get", "--content", copy, "--field", "path")
                let unknown = try await bench.run("manifest", "get", "--content", other)
                let missing = try await bench.run("manifest", "get", "--content", copy + ".none")
                let both = try await bench.run("manifest", "get", "--content", copy, copy)

                #expect(found.code == 0 && found.output == (entry.mediaId ?? "none") + "\n", "\(found)")
                #expect(path.output == bench.path("inbox/a.jpg").string + "\n", "\(path)")
                #expect(unknown.code == 75 && unknown.error.contains("no manifest has the bytes of"), "\(unknown)")
                #expect(missing.code == 66, "\(missing)")
                #expect(both.code == 64, "\(both)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `bytes of several accounts are asked for by account`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                let file = try bench.write(Media.jpeg(1), to: "inbox/a.jpg").string
                try bench.write(Media.jpeg(1), to: "linkedin/a.jpg")
                try await bench.sync()

                let several = try await bench.run("manifest", "get", "--content", file)
                let one = try await bench.run(
                    "manifest",
                    "get",
                    "--content",
                    file,
                    "--account",
                    "linkedin",
                    "--field",
                    "account"
                )

                #expect(several.code == 64 && several.error.contains("linkedin, "), "\(several)")
                #expect(one.code == 0 && one.output == "linkedin\n", "\(one)")
            }
        }
    }
}
