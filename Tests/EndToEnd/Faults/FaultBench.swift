import Foundation
import Sandbox
import Testing

/// One daemon and one sandbox for all rows of the fault table: they run side by side, so that the whole table takes as
/// long as its slowest row, and no row holds up another.
struct FaultBench: Sendable {
    /// A row on its way.
    struct Row: Sendable {
        let name: String
        let content: [UInt8]
        let scene: Fault.Scene

        var key: String { "key-of-\(name)" }
    }

    let bench: Bench
    let daemon: RunningProcess
    /// By the description of the fault.
    let rows: [String: Row]

    @TaskLocal static var current: FaultBench?

    /// Starts everything, lets each row's file arrive, and leaves it all running while `body` works.
    static func run(_ faults: [Fault], _ body: () async throws -> Void) async throws {
        #expect(Set(faults.map(\.testDescription)).count == faults.count, "two rows have one name")
        // None is the beginning of another.
        let names = faults.indices.map { "row\(1000 + $0)" }
        let folders = zip(faults, names).map { Bench.Folder(name: $1, account: $1) }
        let accounts = zip(faults, names).map { fault, name in
            Bench.Account(name: name, provider: fault.provider.rawValue, lines: ["concurrency: 1"])
        }
        try await withBench([], sandbox: { $0.keys.formUnion(names.map { "key-of-\($0)" }) }) { bench in
            for name in names { try bench.writeKey("key-of-\(name)", of: name) }
            try bench.configure(folders, accounts: accounts)
            let end = try await bench.withDaemon { daemon in
                var rows: [String: Row] = [:]
                for (index, fault) in faults.enumerated() {
                    let row = Row(
                        name: names[index],
                        content: fault.content(number: index),
                        scene: Fault.Scene(addresses: bench.addresses, moment: aheadOfNow())
                    )
                    rows[fault.testDescription] = row
                    bench.sandbox.prepare(fault.answers(row.scene).map { $0.bound(to: row.key) })
                    try bench.write(row.content, to: "\(row.name).file")
                    try bench.move("\(row.name).file", to: "\(row.name)/a")
                }
                try await $current.withValue(FaultBench(bench: bench, daemon: daemon, rows: rows), operation: body)
            }
            expectNoSecrets(in: end.log, of: bench)
        }
    }

    /// No key and no query of a URL is in the log, however the servers' words brought them there.
    private static func expectNoSecrets(in log: String, of bench: Bench) {
        for secret in ["key-of-", "X-Amz-Signature", "sig="] {
            #expect(!log.contains(secret), "the log has a secret: \(secret)")
        }
        #expect(!bench.page.calls.contains { $0.route.contains("redirected") }, "a redirect of a PUT was followed")
    }

    private static func aheadOfNow() -> Date {
        Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 5).rounded(.down))
    }
}

extension PreparedAnswer {
    fileprivate func bound(to key: String) -> PreparedAnswer {
        var answer = self
        answer.key = key
        return answer
    }
}

extension Fault {
    /// Different for each row.
    fileprivate func content(number: Int) -> [UInt8] {
        switch file {
        case .document: Media.pdf(number)
        case .image: Media.jpeg(number)
        case .video: Media.mp4(bytes: 9 << 20, number: number)
        }
    }
}

/// Runs a suite within a ``FaultBench``.
struct FaultBenchTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await FaultBench.run(Fault.table, function)
    }
}
