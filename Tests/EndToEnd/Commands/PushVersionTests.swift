import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// What `outtray push` says of a path under which something went up before.
    struct PushVersionTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["inbox", "elsewhere"], Replacement.allCases)
        func `what has taken a file's place is told as what it is, not by the old id`(
            directory: String,
            replacement: Replacement
        ) async throws {
            try await withBench { bench in
                try bench.makeDirectory("elsewhere")
                let name = "\(directory)/a.jpg"
                let path = try bench.write(Media.jpeg(), to: name).string
                let first = try await bench.run("push", "--account", "main", path)
                #expect(first.code == 0, "\(first)")

                try replacement.take(the: name, in: bench)
                let second = try await bench.run("push", "--account", "main", path)

                #expect(second.code == 65, "\(second)")
                #expect(second.output.isEmpty, "\(second)")
                #expect(second.error.contains(path), "\(second)")
                #expect(bench.page.assets.count == 1)
            }
        }

        /// What comes to lie where a file was.
        enum Replacement: CaseIterable {
            case nothing, nothingToRead, text, directory, link, pipe

            func take(the name: String, in bench: Bench) throws {
                try bench.remove(name)
                let path = bench.path(name).string
                switch self {
                case .nothing: break
                case .nothingToRead: try bench.write([], to: name)
                case .text: try bench.write(Array("only words\n".utf8), to: name)
                case .directory: try bench.makeDirectory(name)
                case .link:
                    let target = try bench.write(Media.jpeg(), to: "target.jpg")
                    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target.string)
                case .pipe: #expect(mkfifo(path, 0o644) == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that was written again has the new id, and one named twice has one id twice`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(1), to: "inbox/a.jpg").string
                let first = try await bench.run("push", path)
                try bench.write(Media.jpeg(2), to: "inbox/a.jpg")

                let second = try await bench.run("push", path, path)

                #expect(second.code == 0, "\(second)")
                #expect(Set(second.lines).count == 1 && second.lines.count == 2, "\(second)")
                #expect(second.lines.first != first.lines.first)
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that left its folder because it is up has its entry for an answer, beside the service too`()
            async throws
        {
            try await withBench([.init(lines: ["after_upload: delete"])]) { bench in
                try await bench.withDaemon { _ in
                    let path = try bench.write(Media.pdf(), to: "inbox/a.pdf").string

                    let during = try await bench.run("push", path)
                    try await bench.waitForManifest("the file has left") { $0.entries[path]?.present == false }
                    let after = try await bench.run("push", path)
                    let never = try await bench.run("push", bench.path("inbox/never.pdf").string)

                    #expect(during.code == 0 && during.output.hasPrefix("med_"), "\(during)")
                    #expect(after.code == 0 && after.output == during.output, "\(after)")
                    #expect(never.code == 65, "\(never)")
                }
            }
        }
    }
}
