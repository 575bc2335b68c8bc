import Foundation
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// A ledger that is not what was written, seen from outside.
    struct LedgerDamageTests {
        @Test(.timeLimit(.minutes(1)), arguments: LedgerDamage.allCases)
        func `a damaged ledger is refused with 78, told in one sentence, and left as it is`(
            damage: LedgerDamage
        ) async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                #expect(try await bench.run("sync").code == 0)
                try bench.damageLedger(damage, of: "inbox/a.jpg")
                let before = try bench.read(bench.ledgerFile)
                let calls = bench.page.calls.count

                for arguments in [["run"], ["sync"], ["push", bench.path("inbox/a.jpg").string]] {
                    let ending = try await BuiltBinary.run(arguments + ["--config", bench.configuration.string])

                    #expect(ending.code == 78, "\(ending)")
                    let said = ending.error.split(separator: "\n")
                    #expect(said.count == 1, "\(ending)")
                    #expect(said.first?.contains("\(bench.ledgerFile) is damaged (") == true, "\(ending)")
                    #expect(said.first?.contains(#"run "outtray check --repair" with the service stopped"#) == true)
                }

                #expect(try bench.read(bench.ledgerFile) == before)
                #expect(bench.page.calls.count == calls)
            }
        }
    }
}

/// How a ledger's file is not what was written.
enum LedgerDamage: CaseIterable {
    /// One byte of an index, so that it does not fit its table any more; SQLite's quick check does not see it.
    case index
    case cutToHalf
    case otherFile
}

extension Bench {
    var ledgerFile: FilePath { state.appending("outtray.db") }

    /// Damages the ledger of a process that has ended; `name` is a file that it knows.
    func damageLedger(_ damage: LedgerDamage, of name: String) throws {
        var bytes = try read(ledgerFile)
        switch damage {
        case .index:
            let pageSize = 4096
            // The type of a leaf of an index (https://www.sqlite.org/fileformat.html, "B-tree Pages").
            let leaves = stride(from: pageSize, to: bytes.count, by: pageSize).filter { bytes[$0] == 0x0A }
            let path = Array(path(name).string.utf8)
            let places = leaves.compactMap { start in
                bytes[start..<start + pageSize].firstRange(of: path)?.upperBound
            }
            let last = try #require(places.last, "no index has the path")
            bytes[last - 1] += 1
        case .cutToHalf:
            bytes.removeLast(bytes.count / 2)
        case .otherFile:
            bytes = Array("This is a shopping list: milk, bread, and a very long line.\n".utf8)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: ledgerFile.string))
    }
}
