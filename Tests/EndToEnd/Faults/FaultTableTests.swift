import Foundation
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Each answer that the two contracts name, injected once, ends as they say: what becomes of the file, and how many
    /// requests that took.
    @Suite(FaultBenchTrait()) struct FaultTableTests {
        @Test(.timeLimit(.minutes(5)), arguments: Fault.table)
        func `a fault ends as the contract says`(fault: Fault) async throws {
            let table = try #require(FaultBench.current)
            let row = try #require(table.rows[fault.testDescription])

            try await table.waitForEnd(of: fault, row)

            try table.expectCounts(of: fault, row)
            try table.expectPauses(of: fault, row)
            if case .rejected = fault.end { try await table.expectThatAccountGoesOn(fault, row) }
        }
    }
}

extension FaultBench {
    /// Waits until the file is where it will stay, and expects that it says so in the right words.
    fileprivate func waitForEnd(of fault: Fault, _ row: Row) async throws {
        let file = "\(row.name)/a"
        switch fault.end {
        case .uploaded:
            let entry = try await bench.waitForEntry(file) { $0.status != "processing" }
            let asset = try #require(assets(of: row).first { $0.isComplete }, "no asset is complete")
            let arrived = try bench.read(FilePath(try #require(asset.file)))
            #expect(arrived == row.content && entry.sha256 == asset.sha256, "other bytes arrived")
            #expect(entry.id == asset.id || entry.publicUrl?.hasSuffix(asset.address) == true)
            #expect(fault.entry(entry), "\(entry)")
        case .rejected(let words):
            let rejected = try await bench.waitForRejection(file)
            #expect(rejected.code == "refused-by-provider")
            for word in words { #expect(rejected.reason.contains(word), "\(rejected.reason)") }
        case .blocked(let cause):
            try await daemon.waitForLog("account blocked", where: { $0.contains("account=\(row.name)") })
            let lines = log(of: row, "account blocked")
            #expect(lines.count == 1 && lines[0].contains(cause), "\(lines)")
            let key = bench.path(file).string
            #expect(try bench.manifest()?.entries[key] == nil && bench.manifest()?.rejected[key] == nil)
        case .waitsForEver:
            try await daemon.waitForLog("another try", where: { $0.contains("/\(file)") }, times: 2)
        }
    }

    /// Exactly as many requests as the row says, and no second asset with bytes.
    fileprivate func expectCounts(of fault: Fault, _ row: Row) throws {
        // The daemon goes on meanwhile: what its log tells before and after the books were read is its least and its
        // most.
        let waitsBefore = log(of: row, "file waits for another try").count
        let (calls, puts) = (calls(of: row, fault), puts(of: row).count)
        let asks = calls.count { $0.route == fault.ask }
        let waits = log(of: row, "file waits for another try").count
        let isUsedUp = !bench.sandbox.weather.prepared.contains { $0.key == row.key }

        #expect(calls.count { $0.route == Fault.complete } == fault.finishes)
        if case .waitsForEver = fault.end {
            // The first try asks anew as often as a try may, later ones ask once, for each time leaves an asset without
            // bytes. None begins with a ticket that is known to be no good; the next one may have begun.
            #expect(
                asks >= fault.asks + waitsBefore - 1 && puts >= fault.puts + waitsBefore - 1,
                "\(waitsBefore) waits"
            )
            #expect(asks <= fault.asks + waits && puts <= fault.puts + waits, "\(waits) waits")
        } else {
            #expect(asks == fault.asks && (fault.puts...fault.puts + fault.besides).contains(puts))
        }
        switch fault.end {
        case .uploaded(let expected):
            #expect(waits == expected, "\(log(of: row, ""))")
            #expect(isUsedUp, "not all of the fault came")
        case .rejected:
            #expect(waits == 0, "\(log(of: row, ""))")
            #expect(isUsedUp, "not all of the fault came")
            #expect(log(of: row, "account blocked").isEmpty, "what one file is refused for is no matter of the account")
        case .blocked:
            // Once for each refusal, that of a probe included.
            let refusals =
                self.calls(of: row).count(where: \.isPrepared) + self.puts(of: row).count(where: \.isPrepared)
            #expect(waits >= 1 && waits <= refusals, "\(log(of: row, ""))")
        case .waitsForEver: #expect(asks > fault.asks, "it was to be asked again after a wait")
        }
        let isUp = if case .uploaded = fault.end { true } else { false }
        #expect(assets(of: row).count { $0.isComplete } == (isUp ? 1 : 0))
    }

    /// What was told to wait has waited.
    fileprivate func expectPauses(of fault: Fault, _ row: Row) throws {
        guard fault.pause > .zero || fault.awaitsMoment else { return }
        let times = puts(of: row).map { ($0.at, $0.isPrepared) } + calls(of: row).map { ($0.at, $0.isPrepared) }
        let refused = try #require(times.filter(\.1).map(\.0).max())
        let next = try #require(times.map(\.0).filter { $0 > refused }.min(), "nothing followed")
        let pause = Double(fault.pause.components.seconds) + Double(fault.pause.components.attoseconds) / 1e18

        #expect(next.timeIntervalSince(refused) >= pause)
        if fault.awaitsMoment { #expect(next >= row.scene.moment) }
    }

    /// What is wrong with one file holds up no other.
    fileprivate func expectThatAccountGoesOn(_ fault: Fault, _ row: Row) async throws {
        try bench.write(Media.jpeg(10_000 + row.content.count), to: "\(row.name).next")
        try bench.move("\(row.name).next", to: "\(row.name)/next")
        try await bench.waitForEntry("\(row.name)/next")
    }

    private func calls(of row: Row) -> [SandboxPage.Call] { bench.page.calls.filter { $0.key == row.key } }

    /// Those that a row counts: of an account that stays blocked, without its probes, which come from a minute after
    /// the refusal on.
    private func calls(of row: Row, _ fault: Fault) -> [SandboxPage.Call] {
        let calls = calls(of: row)
        guard case .blocked = fault.end, let refused = calls.first(where: \.isPrepared) else { return calls }
        return calls.filter { $0.at.timeIntervalSince(refused.at) < 60 }
    }

    private func assets(of row: Row) -> [SandboxPage.Asset] { bench.page.assets.filter { $0.key == row.key } }

    private func puts(of row: Row) -> [SandboxPage.Put] {
        let ids = Set(assets(of: row).map(\.id))
        return bench.page.puts.filter { ids.contains($0.asset) }
    }

    /// The lines about a row that have these words.
    private func log(of row: Row, _ words: String) -> [String] {
        daemon.log.split(separator: "\n").map(String.init).filter { line in
            line.contains(words) && (line.contains("/\(row.name)/a") || line.contains("account=\(row.name)"))
        }
    }
}
