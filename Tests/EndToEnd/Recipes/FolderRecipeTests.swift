import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The recipes' folders, with their settings as they stand in the documentation, and files written as the other
    /// programs write them. Only directories, address and the long pauses are those of the test.
    struct FolderRecipeTests {
        @Test(.timeLimit(.minutes(5)))
        func `by FTP, a file goes up once and whole: while it comes in, after a broken line, and by another name`()
            async throws
        {
            try await withRecipe("ftp.yaml", ["/srv/ftp/inbox": "inbox", "/srv/ftp/done": "done"], settle: "30s") {
                bench in
                // One descriptor for the whole transfer, under the file's own name.
                let whole = Media.mp4(bytes: 400_000)
                let transfer = try bench.open("inbox/talk.mp4")
                try transfer.writeAll(whole.prefix(200_000))
                try await Task.sleep(for: .seconds(3))
                #expect(bench.page.assets.isEmpty, "half of a transfer went up")
                try transfer.writeAll(whole.dropFirst(200_000))
                try transfer.close()
                // The line breaks, and the client comes back: REST and APPE.
                let resumed = Media.mp4(bytes: 300_000, number: 2)
                try bench.write(Array(resumed.prefix(150_000)), to: "inbox/second.mp4")
                try await Task.sleep(for: .milliseconds(500))
                let rest = try bench.open("inbox/second.mp4", [.append])
                try rest.writeAll(resumed.dropFirst(150_000))
                try rest.close()
                try bench.write(Media.jpeg(), to: "inbox/photo.jpg.filepart")
                try bench.move("inbox/photo.jpg.filepart", to: "inbox/photo.jpg")

                for name in ["talk.mp4", "second.mp4", "photo.jpg"] {
                    try await wait(for: "the move of \(name)") { bench.exists("done/\(name)") }
                }
                #expect(Set(bench.stored) == Set([whole, resumed, Media.jpeg()].map(Media.sha256)))
                #expect(bench.page.assets.count == 3)
                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `by SMB, a file goes up whole though its size is there first, and what systems leave does not`()
            async throws
        {
            try await withRecipe("smb.yaml", ["/srv/share/inbox": "inbox"], settle: "10s") { bench in
                try bench.makeDirectory("inbox/Drafts")
                try bench.write(Media.jpeg(7), to: "inbox/Drafts/a.jpg")
                for name in ["._photo.JPG", ".DS_Store", "Thumbs.db", "Link.LNK", "design.PSD"] {
                    try bench.write(Media.jpeg(8), to: "inbox/\(name)")
                }
                // As Windows Explorer: the size, the bytes in pieces, the times, and the end.
                let photo = Media.jpeg(1) + [UInt8](repeating: 0, count: 100_000)
                let file = try bench.open("inbox/photo.JPG")
                guard ftruncate(file.rawValue, off_t(photo.count)) == 0 else { throw Errno(rawValue: errno) }
                for start in stride(from: 0, to: photo.count, by: 32_768).reversed() {
                    try file.writeAll(toAbsoluteOffset: Int64(start), photo[start..<min(start + 32_768, photo.count)])
                    try await Task.sleep(for: .milliseconds(500))
                }
                var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1_700_000_000, tv_nsec: 0)]
                guard futimens(file.rawValue, &times) == 0 else { throw Errno(rawValue: errno) }
                try await Task.sleep(for: .seconds(2))
                #expect(bench.page.assets.isEmpty, "it went up while it was open")
                try file.close()

                try await wait(for: "its departure") { !bench.exists("inbox/photo.JPG") }
                #expect(bench.stored == [Media.sha256(photo)])
                #expect(bench.page.assets.count == 1)
                #expect(bench.exists("inbox/Drafts/a.jpg") && bench.exists("inbox/design.PSD"))
                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a card's files go up once, also if it is put in again or pulled, and raw photos are let be`() async throws
        {
            let places = ["/srv/card": "inbox", "/srv/archive": "archive"]
            try await withRecipe("card.yaml", places) { bench in
                try bench.installRecipes()
                try bench.makeDirectory("DCIM/100CANON")
                try bench.makeDirectory("DCIM/101CANON")
                func copy() async throws -> String {
                    let words = [
                        bench.path("bin/card-import.sh").string, bench.path("DCIM").string, bench.path("inbox").string,
                    ]
                    let ending = try await bench.recipe(words, ["COPIED": bench.path("copied").string])
                    #expect(ending.code == 0, "\(ending)")
                    return ending.output
                }
                try bench.write(Media.jpeg(1), to: "DCIM/100CANON/IMG_0001.JPG")
                try bench.write(Array("raw".utf8), to: "DCIM/100CANON/IMG_0001.CR3")
                try bench.write(Media.mp4(bytes: 100_000), to: "DCIM/101CANON/MVI 0002.MP4")
                try bench.write(Media.jpeg(9), to: "DCIM/100CANON/._IMG_0001.JPG")
                #expect(try await copy() == "copied 3 of 3 files\n")
                #expect(try await copy() == "copied 0 of 3 files\n")
                try await bench.waitForManifest("both, and away") { manifest in
                    manifest.entries.count == 2 && manifest.entries.values.allSatisfy { $0.movedTo != nil }
                }

                // The camera begins anew with its numbers. A pulled card has left half of a copy.
                try bench.write(Media.jpeg(3), to: "DCIM/100CANON/IMG_0001.JPG")
                try bench.makeDirectory("inbox/earlier")
                try bench.write(Array(Media.jpeg(4).prefix(100)), to: "inbox/earlier/.IMG_0009.JPG.part")
                try await Task.sleep(for: .seconds(1))
                #expect(try await copy() == "copied 1 of 3 files\n")
                try await bench.waitForManifest("the third") { $0.entries.count == 3 }

                #expect(
                    Set(bench.stored)
                        == Set([Media.jpeg(1), Media.jpeg(3), Media.mp4(bytes: 100_000)].map(Media.sha256))
                )
                #expect(bench.page.assets.count == 3)
                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        /// Runs the service with a recipe's configuration.
        ///
        /// - Parameters:
        ///   - places: the recipe's directories, and those of the bench in their place.
        ///   - settle: the recipe's pause, which takes a second here.
        private func withRecipe(
            _ name: String,
            _ places: [String: String],
            settle: String? = nil,
            _ body: (Bench) async throws -> Void
        ) async throws {
            try await withBench { bench in
                var text = try Recipe.text(name)
                for (place, own) in places.sorted(by: { $0.key.count > $1.key.count }) {
                    try bench.makeDirectory(own)
                    try #require(text.contains(place))
                    text = text.replacing(place, with: bench.path(own).string)
                }
                if let settle {
                    try #require(text.contains("    settle: \(settle)\n"))
                    text = text.replacing("    settle: \(settle)\n", with: "    settle: 1s\n")
                }
                let address =
                    "    provider: postbreeze\n    base_url: \(bench.addresses.postbreeze)\n    rate: [10000/1s]\n"
                text = text.replacing("    provider: postbreeze\n", with: address)
                    .replacing("/etc/outtray/main.key", with: bench.path("main.key").string)
                let own =
                    "state_dir: \(bench.state)\nshutdown_timeout: 1s\n"
                    + "manifest: {path: \(bench.manifestFile), journal: \(bench.journalFile), interval: 50ms}\n"
                try bench.write(Array((own + text).utf8), to: "outtray.yaml")
                try await bench.withDaemon { _ in try await body(bench) }
            }
        }
    }
}

extension Bench {
    /// Opens a file for writing, and makes it if it is missing.
    fileprivate func open(_ name: String, _ options: FileDescriptor.OpenOptions = []) throws -> FileDescriptor {
        try FileDescriptor.open(
            path(name),
            .writeOnly,
            options: options.union([.create, .closeOnExec]),
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
    }
}
