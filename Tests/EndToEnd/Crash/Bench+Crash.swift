import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

extension Bench {
    /// Runs the daemon and expects that it kills itself at `point` (see `CrashPoint`).
    ///
    /// `body` gives the daemon something to do. It starts before the daemon is ready.
    func crashDaemon(
        at point: String,
        environment: [Environment.Key: String?] = [:],
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (RunningProcess) async throws -> Void
    ) async throws {
        let end = try await withProcess(
            runCommand(),
            environment: ["HOME": root.string, "OUTTRAY_CRASH_AT": point].merging(environment) { own, _ in own },
            logFile: path("daemon.log")
        ) { daemon in
            try await body(daemon)
            await daemon.waitForEnd()
        }
        // A daemon that has not reached the point ends by SIGTERM.
        #expect(
            end.status == .signaled(9),
            "\(point) was not reached: \(end.log.suffix(3000))",
            sourceLocation: sourceLocation
        )
    }

    /// Waits until a daemon watches, and has written the snapshot that was removed before its start.
    ///
    /// What changes before that snapshot is in it. The daemon would then never come to the point of a second one.
    func waitForFirstSnapshot(of daemon: RunningProcess) async throws {
        try await daemon.waitForLog(" watching")
        _ = try await waitForManifest("the first snapshot") { _ in true }
    }

    /// Expects that the manifest files parse as scripts read them.
    func expectReadable(_ when: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(throws: Never.self, "\(when)", sourceLocation: sourceLocation) {
            _ = try manifest()
            _ = try wholeJournal()
        }
    }

    /// The journal's whole lines. The last line may lack its newline during a write or after a crash.
    func wholeJournal() throws -> [JournalLine] {
        guard let data = FileManager.default.contents(atPath: journalFile.string) else { return [] }
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data[...$0] } ?? Data()
        return try whole.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(JournalLine.self, from: Data($0))
        }
    }

    /// Reads both files over and over while `body` works, as scripts do. Returns the number of looks.
    ///
    /// Expects that each look parses and that no revision goes back.
    @discardableResult
    func whileScriptsRead(_ body: () async throws -> Void) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var looks = 0
                var newest = 0
                while !Task.isCancelled {
                    do {
                        let revision = try manifest()?.revision ?? newest
                        #expect(revision >= newest, "the snapshot went back from \(newest) to \(revision)")
                        newest = max(newest, revision)
                        let revisions = try wholeJournal().map(\.revision)
                        #expect(revisions == revisions.sorted(), "the journal is out of order")
                    } catch {
                        Issue.record("a script could not read: \(error)")
                    }
                    looks += 1
                    try? await Task.sleep(for: .milliseconds(5))
                }
                return looks
            }
            try await body()
            group.cancelAll()
            return try await group.next() ?? 0
        }
    }

    /// Expects that the journal leads to the snapshot's entries, tells each change once and in order, and ends with the
    /// snapshot's revision.
    func expectJournalLeadsToSnapshot(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let manifest = try #require(try manifest(), sourceLocation: sourceLocation)
        let lines = try wholeJournal()
        var shown: [String: String] = [:]
        for line in lines {
            if let from = line.from { shown[from] = nil }
            shown[line.path] = line.assetUrn ?? line.mediaId
        }
        for (path, entry) in manifest.entries {
            #expect(shown[path] == entry.id, "\(path) in the journal", sourceLocation: sourceLocation)
        }
        let inOrder = zip(lines, lines.dropFirst()).allSatisfy { $0.revision <= $1.revision }
        #expect(inOrder, "the journal is in order of revision", sourceLocation: sourceLocation)
        // A replaced journal tells a move by two lines with one revision.
        let changes = Set(lines.map { "\($0.revision) \($0.path)" })
        #expect(changes.count == lines.count, "the journal tells each change once", sourceLocation: sourceLocation)
        let last = lines.last?.revision ?? 0
        #expect(last == manifest.revision, "journal and snapshot end together", sourceLocation: sourceLocation)
    }
}
