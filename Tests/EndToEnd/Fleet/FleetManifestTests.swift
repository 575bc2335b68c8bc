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

        /// An entry of the fleet's manifest with the bytes of content 1.
        private func entry(_ host: String, _ name: String, _ account: String?, _ id: String) -> String {
            let digest = Media.sha256(Media.jpeg(1))
            let shared = account.map { #""fleetAccount":"\#($0)","# } ?? ""
            return #""\#(host):/srv/\#(name)":{"host":"\#(host)",\#(shared)"path":"/srv/\#(name)","account":"main","#
                + #""sha256":"\#(digest)","mediaId":"\#(id)","present":true,"revision":\#(id.count)}"#
        }

        /// What `get --content` answers on a host whose account `main` is the fleet's `brand-x`.
        private func answer(_ entries: [String], _ words: String...) async throws -> Ending {
            var ending: Ending?
            try await withBench { bench in
                let fleet = "fleet: {database: \"host=/nowhere dbname=x\", host: ingest-1, accounts: {main: brand-x}}\n"
                try bench.write(Array((fleet + bench.yaml([Bench.Folder()])).utf8), to: "outtray.yaml")
                let file = try bench.write(Media.jpeg(1), to: "elsewhere.jpg").string
                let list = entries.joined(separator: ",")
                let manifest = #"{"schema":1,"revision":9,"rejected":{},"entries":{\#(list)}}"#
                let place = bench.state.appending("fleet.json")
                try FileManager.default.createDirectory(atPath: bench.state.string, withIntermediateDirectories: true)
                try Data(manifest.utf8).write(to: URL(fileURLWithPath: place.string))
                ending = try await BuiltBinary.run(
                    ["manifest", "get", "--content", file, "--field", "mediaId"] + words
                        + ["--config", bench.configuration.string]
                )
            }
            return try #require(ending)
        }

        @Test(.timeLimit(.minutes(5)))
        func `of two accounts that two hosts call alike, the bytes of this host's one are meant`() async throws {
            let ours = entry("ingest-2", "a.jpg", "brand-x", "m")
            let theirs = entry("ingest-3", "a.jpg", "brand-y", "m-newer")

            let plain = try await answer([ours, theirs])
            let named = try await answer([ours, theirs], "--account", "main")
            let other = try await answer([ours, theirs], "--account", "brand-y")
            let onlyTheirs = try await answer([theirs])

            #expect(plain.code == 0 && plain.output == "m\n", "\(plain)")
            #expect(named.code == 0 && named.output == "m\n", "\(named)")
            #expect(other.code == 0 && other.output == "m-newer\n", "\(other)")
            #expect(onlyTheirs.code == 0 && onlyTheirs.output == "m-newer\n", "\(onlyTheirs)")
        }

        @Test(.timeLimit(.minutes(5)))
        func `of several assets that nothing tells apart, none is taken in silence`() async throws {
            let accounts = try await answer([
                entry("ingest-2", "a.jpg", "brand-y", "m"), entry("ingest-3", "a.jpg", "brand-z", "m-newer"),
            ])
            let files = try await answer([
                entry("ingest-2", "a.jpg", nil, "m"), entry("ingest-2", "b.jpg", nil, "m"),
                entry("ingest-3", "a.jpg", nil, "m-newer"),
            ])

            #expect(accounts.code == 64 && accounts.error.contains("--account and one of them: brand-y, brand-z"))
            #expect(files.code == 64, "\(files)")
            #expect(
                files.error.contains("--fleet and a file of one of them: ingest-2:/srv/a.jpg, ingest-3:/srv/a.jpg"),
                "\(files)"
            )
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
