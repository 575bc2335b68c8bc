import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Files with several names (hard links). The kernel tells a change under the one name by which it was made.
    struct LinkTests {
        @Test(.timeLimit(.minutes(5)))
        func `a file that is written under one name has the same bytes under all, in every folder`() async throws {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                let names = ["inbox/a.pdf", "inbox/b.pdf", "linkedin/c.pdf"]
                try bench.write(Media.pdf(), to: names[0])
                for name in names.dropFirst() {
                    #expect(link(bench.path(names[0]).string, bench.path(name).string) == 0)
                }
                try await bench.withDaemon { _ in
                    for name in names { try await bench.waitForEntry(name) }

                    // In place: the file stays the same one.
                    let file = try FileDescriptor.open(bench.path(names[1]), .writeOnly, options: [.truncate])
                    try file.closeAfter { _ = try file.writeAll(Media.pdf(2)) }

                    let new = Media.sha256(Media.pdf(2))
                    for name in names { try await bench.waitForEntry(name) { $0.sha256 == new } }
                }
                let assets = bench.page.assets.filter { $0.isComplete }
                #expect(assets.count == 4, "two contents at two accounts: \(assets.map(\.name))")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is written again before it has settled goes up under all names`() async throws {
            let folders: [Bench.Folder] = [
                .init(settle: "1s"), .init(name: "linkedin", account: "linkedin", settle: "1s"),
            ]
            try await withBench(folders) { bench in
                let names = ["inbox/a.pdf", "linkedin/b.pdf"]
                try bench.write(Media.pdf(), to: names[0])
                #expect(link(bench.path(names[0]).string, bench.path(names[1]).string) == 0)
                try await bench.withDaemon { _ in
                    for name in names { try await bench.waitForEntry(name) }

                    for number in 2...4 {
                        let file = try FileDescriptor.open(bench.path(names[0]), .writeOnly, options: [.truncate])
                        try file.closeAfter { _ = try file.writeAll(Media.pdf(number)) }
                        try await Task.sleep(for: .milliseconds(300))
                    }

                    let new = Media.sha256(Media.pdf(4))
                    for name in names { try await bench.waitForEntry(name) { $0.sha256 == new } }
                }
            }
        }
    }
}
