import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct FilePageTests {
    @Test func `the newest come first, page by page, with what the manifest shows of them`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let paths: [FilePath] = (0..<5).map { FilePath("/in/\($0)") }
        for path in paths {
            if path == paths[1] {
                try await ledger.reject(found(path), tooLarge, at: at(1))
            } else {
                try await ledger.enqueue(media(path), at: at(1))
            }
        }

        var query = FileQuery(limit: 2)
        query.isNewestFirst = true
        query.wantsEntries = true
        var seen: [FilePath] = []
        var entries: [FilePath: ManifestRow] = [:]
        repeat {
            let page = try await ledger.page(query)
            seen += page.files.map(\.path)
            entries.merge(page.entries) { $1 }
            query.after = page.next
        } while query.after != nil

        #expect(seen == paths.reversed())
        #expect(Array(entries.keys) == [paths[1]])
        #expect(entries[paths[1]]?.standing == .rejected)
        query = FileQuery(limit: 9)
        #expect(try await ledger.page(query).files.map(\.path) == paths)
        #expect(try await ledger.page(query).entries.isEmpty)
    }
}
