import SystemPackage
import Testing
import Watch

@testable import Pipeline

@Suite struct WaitedFileTests {
    private let version = FileVersion(device: 1, inode: 2, size: 3, modified: 4, changed: 5)
    private let other = FileVersion(device: 1, inode: 2, size: 4, modified: 9, changed: 9)

    private func record(_ state: FileState, _ version: FileVersion? = nil, reason: String = "") -> FileRecord {
        FileRecord(
            path: "/in/a",
            folder: "inbox",
            account: "main",
            state: state,
            reason: reason,
            version: version ?? self.version,
            attempts: 0,
            due: nil,
            updatedAt: Timestamp(milliseconds: 1)
        )
    }

    private func entry(_ status: AssetStatus, present: Bool = true, shown: Bool = true) -> ManifestRow {
        guard case .entry(var entry) = ManifestRow.entry("/in/a", 1, present: present).content else {
            return .rejected("/in/a", 1)
        }
        entry.receipt = Receipt(mediaID: "m", status: status)
        return ManifestRow(path: "/in/a", content: .entry(entry), shown: shown)
    }

    private func verdict(
        _ now: WaitedFile.Presence,
        _ record: FileRecord?,
        _ row: ManifestRow?,
        outside: String? = nil,
        _ goal: WaitGoal = .uploaded
    ) -> WaitedFile.Verdict {
        WaitedFile("/in/a", now: now, record: record, row: row, outside: outside).verdict(for: goal)
    }

    @Test func `a file is there when the version on disk is up`() {
        #expect(verdict(.there(version), record(.uploaded), entry(.processing)) == .there)
        #expect(verdict(.there(other), record(.uploaded), entry(.ready)).isPending)
        #expect(verdict(.there(version), nil, nil).isPending)
        for state in [FileState.settling, .queued, .uploading] {
            #expect(verdict(.there(version), record(state), nil).isPending)
        }
    }

    @Test func `a file has left if nothing is there and the ledger does not wait for it`() {
        func hasLeft(_ now: WaitedFile.Presence, _ record: FileRecord?) -> Bool {
            WaitedFile("/in/a", now: now, record: record, row: nil, outside: nil).hasLeft
        }

        #expect(hasLeft(.missing, nil) && hasLeft(.missing, record(.gone)))
        for state in [FileState.settling, .queued, .uploading] { #expect(!hasLeft(.missing, record(state))) }
        #expect(!hasLeft(.there(version), nil) && !hasLeft(.unknown("away"), nil))
    }

    @Test func `ready waits for the provider, as far as it tells`() {
        #expect(verdict(.there(version), record(.uploaded), entry(.processing), .ready).isPending)
        #expect(verdict(.there(version), record(.uploaded), entry(.ready), .ready) == .there)
        #expect(verdict(.there(version), record(.uploaded), entry(.unknown), .ready) == .there)
    }

    @Test func `a rejected or failed file does not get there, until it changes`() {
        let rejected = ManifestRow.rejected("/in/a", 1)
        #expect(verdict(.there(version), record(.rejected), rejected) == .failed("this is \"text\""))
        #expect(verdict(.there(other), record(.rejected), rejected).isPending)
        #expect(
            verdict(.there(version), record(.uploaded), entry(.failed)) == .failed("the provider could not process it")
        )
        #expect(verdict(.there(version), record(.gone, reason: "ignored now"), nil) == .failed("ignored now"))
    }

    @Test func `a file that left after its upload is there, and one that never came is waited for`() {
        #expect(verdict(.missing, nil, entry(.ready, present: false)) == .there)
        #expect(verdict(.missing, nil, entry(.ready, present: false, shown: false)).isPending)
        #expect(verdict(.missing, nil, nil).isPending)
    }

    @Test func `a file that no folder takes does not get there, unless it was pushed`() {
        #expect(verdict(.there(version), nil, nil, outside: "outside") == .failed("outside"))
        #expect(verdict(.missing, nil, nil, outside: "outside") == .failed("outside"))
        #expect(verdict(.there(version), record(.queued), nil, outside: "outside").isPending)
        #expect(verdict(.there(version), record(.uploaded), entry(.ready), outside: "outside") == .there)
        #expect(verdict(.noFile, nil, nil) == .failed("it is no regular file"))
        #expect(verdict(.unknown("no answer"), record(.uploaded), entry(.ready)) == .pending("no answer"))
    }
}
