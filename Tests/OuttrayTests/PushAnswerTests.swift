import Pipeline
import SystemPackage
import Testing
import Watch

@testable import outtray

struct PushAnswerTests {
    private let old = FileVersion(device: 1, inode: 2, size: 10, modified: 100, changed: 100)
    private let new = FileVersion(device: 1, inode: 2, size: 20, modified: 200, changed: 200)

    private func record(
        _ state: FileState,
        _ version: FileVersion,
        folder: String? = "inbox",
        attempts: Int = 0,
        reason: String = ""
    ) -> FileRecord {
        FileRecord(
            path: "/in/a",
            folder: folder,
            account: "main",
            state: state,
            reason: reason,
            version: version,
            attempts: attempts,
            due: nil,
            updatedAt: .now()
        )
    }

    private func entry(bytes: Int64 = 10, present: Bool = true) throws -> ManifestEntry {
        ManifestEntry(
            folder: "inbox",
            kind: .image,
            mimeType: .png,
            bytes: bytes,
            sha256: try #require(SHA256Digest(hex: String(repeating: "ab", count: 32))),
            provider: "postbreeze",
            account: "main",
            receipt: Receipt(mediaID: "med_1", status: .ready),
            present: present,
            uploadedAt: .now(),
            revision: 1
        )
    }

    private func verdict(
        asked: FileVersion?,
        now: PushAnswer.Presence,
        leaves: Bool = false,
        _ record: FileRecord?,
        _ content: ManifestRow.Content?
    ) -> PushAnswer.Verdict {
        PushAnswer(asked: asked, now: now, leaves: leaves).verdict(record, content)
    }

    private func isRejected(_ verdict: PushAnswer.Verdict) -> Bool {
        if case .rejected = verdict { true } else { false }
    }

    private func isUndecided(_ verdict: PushAnswer.Verdict) -> Bool {
        if case .undecided = verdict { true } else { false }
    }

    @Test func `the version that is up, and is there, has its entry for an answer`() throws {
        let entry = try entry()
        var touched = old
        touched.changed = 300

        #expect(verdict(asked: old, now: .there(old), record(.uploaded, old), .entry(entry)) == .uploaded(entry))
        #expect(verdict(asked: old, now: .there(touched), record(.uploaded, old), .entry(entry)) == .uploaded(entry))
    }

    @Test(arguments: [FileState.uploaded, .rejected, .queued, .uploading, .settling, .gone])
    func `what is known of another version is no answer`(state: FileState) throws {
        let entry = try entry()

        #expect(isUndecided(verdict(asked: new, now: .there(new), record(state, old), .entry(entry))))
        #expect(isUndecided(verdict(asked: nil, now: .there(new), record(state, old), .entry(entry))))
    }

    @Test func `a file that is missing, or is none, was not uploaded, whatever went up under its name`() throws {
        let entry = try entry()
        let left = try self.entry(present: false)

        #expect(isRejected(verdict(asked: nil, now: .missing, record(.uploaded, old), .entry(entry))))
        #expect(isRejected(verdict(asked: nil, now: .missing, record(.gone, old), .entry(left))))
        #expect(isRejected(verdict(asked: nil, now: .noFile, record(.uploaded, old), .entry(entry))))
        #expect(isRejected(verdict(asked: nil, now: .noFile, leaves: true, record(.uploaded, old), .entry(entry))))
        #expect(isRejected(verdict(asked: nil, now: .missing, nil, nil)))
    }

    @Test(arguments: [FileState.queued, .uploading])
    func `a file that is on its way and missing may have lost no more than its disk`(state: FileState) throws {
        let waits = record(state, old, reason: "its disk is away")

        #expect(verdict(asked: old, now: .missing, waits, nil) == .pending(waits.words))
    }

    @Test func `a file that was there when it was named, and left once it was up, is up`() throws {
        let entry = try entry()

        #expect(verdict(asked: old, now: .missing, record(.uploaded, old), .entry(entry)) == .uploaded(entry))
        #expect(isRejected(verdict(asked: new, now: .missing, record(.uploaded, old), .entry(entry))))
    }

    @Test func `where files leave once they are up, the entry of one that has left is its answer`() throws {
        let left = try entry(present: false)
        let other = try entry(bytes: 11, present: false)

        #expect(verdict(asked: nil, now: .missing, leaves: true, record(.gone, old), .entry(left)) == .uploaded(left))
        #expect(verdict(asked: old, now: .missing, leaves: true, record(.gone, old), .entry(left)) == .uploaded(left))
        #expect(verdict(asked: nil, now: .missing, leaves: true, nil, .entry(left)) == .uploaded(left))
        #expect(isRejected(verdict(asked: new, now: .missing, leaves: true, nil, .entry(left))))
        #expect(isRejected(verdict(asked: nil, now: .missing, nil, .entry(left))))
        #expect(isRejected(verdict(asked: new, now: .missing, leaves: true, record(.gone, new), .entry(left))))
        #expect(isRejected(verdict(asked: nil, now: .missing, leaves: true, record(.gone, old), .entry(other))))
        #expect(isRejected(verdict(asked: nil, now: .missing, record(.gone, old), .entry(left))))
    }

    @Test func `what cannot be looked at is neither up nor rejected`() throws {
        let entry = try entry()
        let unknown = PushAnswer.Presence.unknown("no answer")

        #expect(verdict(asked: old, now: unknown, record(.uploaded, old), .entry(entry)) == .waiting("no answer"))
    }

    @Test func `whoever waits is told for what, also where the ledger has no words`() {
        let tried = record(.queued, old, attempts: Schedules.triesAPass)

        guard case .waiting(let reason) = verdict(asked: old, now: .there(old), tried, nil) else {
            return #expect(Bool(false))
        }
        #expect(!reason.isEmpty)
        #expect(FileState.allCases.allSatisfy { !record($0, old).words.isEmpty })
        #expect(record(.queued, old, reason: "503").words == "503")
    }
}
