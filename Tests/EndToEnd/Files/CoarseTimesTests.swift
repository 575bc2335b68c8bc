import Foundation
import SystemPackage
import Testing

extension EndToEnd {
    /// On a file system that stores whole seconds, a file that is written twice within one has the same version both
    /// times.
    @Suite(.enabled(if: CoarseDisk.isToBeHad, "only root mounts an ext4"))
    struct CoarseTimesTests {
        @Test(.timeLimit(.minutes(5)))
        func
            `a file that is written again within the second that it was renamed into place goes up as it is in the end`()
            async throws
        {
            try await withBench([.init(settle: "100ms")]) { bench in
                try await withCoarseDisk(on: bench.path("inbox")) {
                    try await bench.withDaemon { _ in
                        try await CoarseDisk.beginSecond()
                        try bench.write(Media.jpeg(1), to: "inbox/.a")
                        try bench.move("inbox/.a", to: "inbox/a.jpg")
                        // Long enough for an upload by a rule that takes the first look for proof.
                        try await Task.sleep(for: .milliseconds(600))
                        try bench.write(Media.jpeg(2), to: "inbox/a.jpg")

                        try await bench.waitForEntry("inbox/a.jpg") { $0.sha256 == Media.sha256(Media.jpeg(2)) }
                    }
                    try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(2), kind: "IMAGE")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is pushed twice within a second goes up twice where it has other bytes`() async throws {
            try await withBench { bench in
                try await withCoarseDisk(on: bench.path("inbox")) {
                    try await CoarseDisk.beginSecond()
                    let file = try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    async let first = bench.run("push", file.string)
                    try await Task.sleep(for: .milliseconds(600))
                    try bench.write(Media.jpeg(2), to: "inbox/a.jpg")
                    #expect(try await first.code == 0)
                    #expect(try await bench.run("push", file.string).code == 0)

                    let entry = try #require(try bench.manifest()?.entries[file.string])
                    #expect(entry.sha256 == Media.sha256(Media.jpeg(2)))
                }
            }
        }
    }
}
