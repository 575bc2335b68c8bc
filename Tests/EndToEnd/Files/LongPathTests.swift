import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// Files whose path is longer than what Linux opens in one go (PATH_MAX, 4,096 bytes with the NUL).
    struct LongPathTests {
        /// Directories with names of 250 bytes, one in the other; returns the deepest, open. Made step by step, as any
        /// program has to.
        private func makeDeep(_ count: Int, beneath path: FilePath) throws -> FileDescriptor {
            let name = String(repeating: "d", count: 250)
            var directory = try FileDescriptor.open(path, .readOnly, options: [.directory])
            for _ in 0..<count {
                let parent = directory
                defer { try? parent.close() }
                guard mkdirat(parent.rawValue, name, 0o755) == 0 || errno == EEXIST else {
                    throw Errno(rawValue: errno)
                }
                let next = openat(parent.rawValue, name, O_RDONLY | O_DIRECTORY)
                guard next >= 0 else { throw Errno(rawValue: errno) }
                directory = FileDescriptor(rawValue: next)
            }
            return directory
        }

        private func write(_ bytes: [UInt8], _ name: String, in directory: FileDescriptor) throws {
            let raw = openat(directory.rawValue, name, O_WRONLY | O_CREAT, 0o644)
            guard raw >= 0 else { throw Errno(rawValue: errno) }
            let file = FileDescriptor(rawValue: raw)
            try file.closeAfter { _ = try file.writeAll(bytes) }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file with a path that cannot be opened is rejected in words`()
            async throws
        {
            try await withBench { bench in
                let deep = try makeDeep(17, beneath: bench.path("inbox"))
                try write(Media.jpeg(1), "found.jpg", in: deep)
                try await bench.withDaemon { _ in
                    let manifest = try await bench.waitForManifest("its rejection") { !$0.rejected.isEmpty }
                    let rejected = try #require(manifest.rejected.first { $0.key.hasSuffix("/found.jpg") }).value
                    #expect(rejected.code == "unreadable")
                    #expect(rejected.reason.contains("longer than the 4,095 bytes"), "\(rejected)")

                    // By an event, which no scan precedes.
                    try write(Media.jpeg(2), "heard.jpg", in: deep)
                    try await bench.waitForManifest("the other one's rejection") { manifest in
                        manifest.rejected.contains { $0.key.hasSuffix("/heard.jpg") }
                    }
                    try bench.write(Media.jpeg(3), to: "inbox/short.jpg")
                    try await bench.waitForEntry("inbox/short.jpg")
                }
                try deep.close()
                let removed = try await Subprocess.run(
                    .name("rm"),
                    arguments: ["-rf", bench.path("inbox").string],
                    output: .discarded
                )
                #expect(removed.terminationStatus.isSuccess)
            }
        }
    }
}
