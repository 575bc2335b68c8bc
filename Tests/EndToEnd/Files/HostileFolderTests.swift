import Foundation
import Glibc
import Pipeline
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Links, pipes, sockets, devices, loops, and directories that are swapped under us: only regular files of the
    /// folder go up, all of them do, and nothing hangs.
    struct HostileFolderTests {
        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `from a hostile folder the real files go up, and nothing else`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                let folder = try HostileFolder(bench)
                // As somebody whom permissions stop.
                try bench.give(to: OtherUser.id)
                var real = try folder.makeRealFiles()
                let locked = try folder.makeLocked()
                try folder.makeTraps()
                if let reason = folder.makeDevices() { print("no device nodes in this run: \(reason)") }
                let swapped = try makeSwapped(folder)
                real.merge(swapped) { first, _ in first }

                let end = try await bench.withDaemon(user: OtherUser.argument) { _ in
                    let arrived = try await arrive(in: folder, bench)
                    real.merge(arrived) { first, _ in first }
                    try await waitForAll(real, in: bench)
                    try await bench.waitForRejection("inbox/locked.jpg")
                }

                try expectOnlyReal(real, locked: locked, in: bench, folder)
                expectCalm(end.log, files: real.count)
                // The directory is removed by a tool that knows text only.
                for path in real.keys { _ = path.withPlatformString { unlink($0) } }
            }
        }

        /// Files whose places are taken by links now and then.
        private func makeSwapped(_ folder: HostileFolder) throws -> [FilePath: [UInt8]] {
            let files = [
                folder.inbox.appending("swapped.jpg"): Media.jpeg(2000),
                folder.inbox.appending("tight.jpg"): Media.jpeg(2001),
                folder.inbox.appending("swapped").appending("a.jpg"): Media.jpeg(2002),
                folder.inbox.appending("swapped").appending("b.jpg"): Media.jpeg(2003),
            ]
            try FileManager.default.createDirectory(
                atPath: "\(folder.inbox)/swapped",
                withIntermediateDirectories: false
            )
            for (path, content) in files { try HostileFolder.write(content, to: path) }
            return files
        }

        /// Real files come one after the other, while others are swapped at every pace around the settle times.
        private func arrive(in folder: HostileFolder, _ bench: Bench) async throws -> [FilePath: [UInt8]] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await swap(upTo: 130) { try folder.swapFile("swapped.jpg", Media.jpeg(2000), isLink: $0) }
                }
                group.addTask {
                    try await swap(upTo: 1) { try folder.swapFile("tight.jpg", Media.jpeg(2001), isLink: $0) }
                }
                group.addTask {
                    try await swap(upTo: 130) { try folder.swapDirectory("swapped", isLink: $0) }
                }
                var files: [FilePath: [UInt8]] = [:]
                for number in 0..<20 {
                    let name = "inbox/arrived-\(number).jpg"
                    files[try bench.write(Media.jpeg(1000 + number), to: name)] = Media.jpeg(1000 + number)
                    try await bench.waitForEntry(name)
                }
                group.cancelAll()
                try await group.waitForAll()
                return files
            }
        }

        /// Puts a link in place and the real thing back, in turns; ends with the real thing. Pauses are in
        /// milliseconds.
        private func swap(upTo longest: Int, _ swap: (Bool) throws -> Void) async throws {
            while !Task.isCancelled {
                try swap(true)
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...longest)))
                try swap(false)
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...longest)))
            }
        }

        private func waitForAll(_ real: [FilePath: [UInt8]], in bench: Bench) async throws {
            let keys = Set(real.keys.map { ManifestKey($0).text })
            try await bench.waitForManifest("all real files") { manifest in
                keys.allSatisfy { manifest.entries[$0]?.present == true }
            }
        }

        /// Each real file is in the manifest with its own bytes, nothing else is, and no other bytes left the machine.
        private func expectOnlyReal(
            _ real: [FilePath: [UInt8]],
            locked: FilePath,
            in bench: Bench,
            _ folder: HostileFolder
        ) throws {
            let manifest = try #require(try bench.manifest())
            let keys = Set(real.keys.map { ManifestKey($0).text })
            #expect(Set(manifest.entries.keys) == keys)
            #expect(manifest.rejected.mapValues(\.code) == [locked.string: "unreadable"])
            let digests = real.values.map(Media.sha256)
            for (path, content) in real {
                let entry = manifest.entries[ManifestKey(path).text]
                #expect(entry?.bytes == content.count)
            }
            #expect(Set(manifest.entries.values.map(\.sha256)) == Set(digests))
            for put in bench.page.puts {
                #expect(digests.contains(put.sha256 ?? ""), "bytes went up that are no real file's")
                #expect(put.declaredBytes != Int64(folder.secret.count))
            }
            #expect(!bench.page.assets.contains { $0.declaredBytes == Int64(folder.secret.count) })
        }

        /// Nothing a person must act on, and no line for each look.
        private func expectCalm(_ log: String, files: Int) {
            let lines = log.split(separator: "\n").filter { !$0.contains(" debug ") }
            #expect(!lines.contains { $0.contains(" error ") }, "\(lines.filter { $0.contains(" error ") })")
            #expect(lines.count < 40 * files, "\(lines.count) lines")
        }
    }
}
