import Pipeline
import Sandbox
import Subprocess
import Testing

extension EndToEnd {
    /// Kills the daemon at each of its crash points, for each provider and kind of upload, and starts it again.
    struct CrashMatrixTests {
        @Test(.timeLimit(.minutes(5)), arguments: CrashJob.all)
        func `an upload that is killed at any point is up once and whole after a restart`(job: CrashJob) async throws {
            let crashes = job.crashes

            try await forEach(crashes, atATime: 4) { crash in try await Self.check(job, crash) }

            print("crash matrix, \(job.testDescription): \(crashes.count) points, each killed and restarted")
        }

        @Test func `no crash point of the binary is left out`() {
            let tried = CrashJob.all.flatMap(\.crashes).map(\.point) + CrashSide.all

            let names = Set(tried.compactMap { $0.split(separator: ":").first.map(String.init) })
            #expect(names == Set(CrashPoint.allCases.map(\.rawValue)))
        }

        private static func check(_ job: CrashJob, _ crash: Crash) async throws {
            try await withBench([.init(account: job.account, settle: "100ms")]) { bench in
                try await bench.whileScriptsRead {
                    try await bench.crashDaemon(at: crash.point) { _ in
                        try bench.write(job.content, to: "inbox/\(job.name)")
                    }
                    bench.expectReadable("after \(crash.point)")
                    try await bench.withDaemon { _ in
                        try await bench.waitForEntry("inbox/\(job.name)") { ["ready", "unknown"].contains($0.status) }
                    }
                }

                let comment = Comment(rawValue: crash.point)
                try bench.expectUploadedOnce("inbox/\(job.name)", job.content, kind: job.kind)
                try bench.expectJournalLeadsToSnapshot()
                let page = bench.page
                #expect(page.assets.count == crash.asks, comment)
                #expect(page.assets.count(where: \.isComplete) == 1, comment)
                let stored = page.puts.filter(\.stored)
                #expect(Set(stored.map { $0.part ?? 1 }).count == job.parts, comment)
                #expect((job.parts...(job.parts + crash.again)).contains(stored.count), comment)
                #expect(page.completions.count == (job.parts > 1 ? crash.completions : 0), comment)
            }
        }
    }
}

/// Runs `body` for each element, at most `limit` at a time. Throws the first error.
func forEach<Element: Sendable>(
    _ elements: [Element],
    atATime limit: Int,
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, element) in elements.enumerated() {
            if index >= limit { try await group.next() }
            group.addTask { try await body(element) }
        }
        try await group.waitForAll()
    }
}
