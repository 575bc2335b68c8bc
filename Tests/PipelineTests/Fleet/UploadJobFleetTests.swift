import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct UploadJobFleetTests {
    private let fleet = MemoryFleet()
    private let provider = ScriptedProvider()
    private let index: MemoryIndex
    private let fixture: AccountFixture<ContinuousClock>
    private let content = bytes(10)

    init() throws {
        index = fleet.index(of: "here")
        fixture = try AccountFixture(provider, clock: ContinuousClock(), index: index)
    }

    private var sha256: SHA256Digest { SHA256Digest(of: content) }

    private func asset(_ id: String, host: String = "there") -> SharedAsset {
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        return SharedAsset(receipt: Receipt(mediaID: id, status: .ready), host: host, uploadedAt: time)
    }

    @Test func `a content that another host brought up is adopted, without a call`() async throws {
        fleet.change(sha256) { [asset = asset("theirs")] in $0 = MemoryFleet.Row(host: "there", receipt: asset) }
        let file = try await fixture.claim("a.jpg", content)

        guard case .adopted(let asset) = await fixture.run(file) else { return fail("not adopted") }

        #expect(asset.host == "there")
        #expect(provider.record.asked.isEmpty && provider.record.sent.isEmpty)
        let entry = try await fixture.entry(file.path)
        #expect(entry?.receipt.mediaID == "theirs")
        #expect(entry?.uploadedAt == Timestamp(milliseconds: 1_700_000_000_000))
        #expect(try await fixture.state(file) == .uploaded)
        let step = try await fixture.ledger.file(at: file.path).steps.last
        #expect(step?.kind == .adopted)
        #expect(step?.facts.host == "there")
        #expect(try await fixture.book.upload(of: file) == nil)
    }

    @Test func `a copy of an adopted file takes the asset that is known`() async throws {
        fleet.change(sha256) { [asset = asset("theirs")] in $0 = MemoryFleet.Row(host: "there", receipt: asset) }
        guard case .adopted = await fixture.run(try await fixture.claim("a.jpg", content)) else {
            return fail("not adopted")
        }
        index.script { $0.claim = .alone }

        guard case .reused(movedFrom: nil) = await fixture.run(try await fixture.claim("b.jpg", content)) else {
            return fail("not reused")
        }
        #expect(provider.record.asked.isEmpty)
    }

    @Test func `a content that another host sends waits, and nothing is asked for`() async throws {
        fleet.change(sha256) { $0 = MemoryFleet.Row(host: "there") }
        let file = try await fixture.claim("a.jpg", content)

        guard case .waitsForFleet(.sameBytes, let reason) = await fixture.run(file) else {
            return fail("does not wait")
        }

        #expect(reason == "there is sending the same bytes")
        #expect(provider.record.asked.isEmpty)
    }

    @Test func `the claim holds the ticket before a byte goes`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        let held = Mutex<Ticket?>(nil)
        provider.script { [fleet, sha256] script in
            script.sends = [
                { piece, _ in
                    held.withLock { $0 = fleet.row(sha256)?.ticket }
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }

        #expect(held.withLock { $0 } == provider.ticket(for: file))
        #expect(index.released.isEmpty)
    }

    @Test func `a claim that is lost lets no byte go, and its ticket is never used`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        index.script { $0.hold = .lost }

        guard case .waitsForFleet(.sameBytes, _) = await fixture.run(file) else { return fail("does not wait") }

        #expect(provider.record.asked.count == 1)
        #expect(provider.record.sent.isEmpty)
        #expect(try await fixture.book.upload(of: file) == nil)
        #expect(index.released.count == 1)
    }

    @Test func `while it is not known whether the claim holds the ticket, no byte goes, and the ticket is kept`()
        async throws
    {
        let file = try await fixture.claim("a.jpg", content)
        index.script { $0.hold = .unknown(reason: "the fleet cannot be reached") }

        guard case .waitsForFleet(.fleetUnreachable, _) = await fixture.run(file) else { return fail("does not wait") }
        #expect(provider.record.sent.isEmpty)
        #expect(index.keptDigests == [file.path: sha256])

        guard case .uploaded = await fixture.run(file, isFirst: false) else { return fail("not uploaded") }
        #expect(provider.record.asked.count == 1)
        #expect(fleet.row(sha256)?.ticket == provider.ticket(for: file))
    }

    @Test func `the ticket of the claim goes before the one of the own ledger`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        try await fixture.book.recordTicket(provider.ticket(for: file), of: file, at: .now())
        var theirs = provider.ticket(for: file)
        theirs.receipt.mediaID = "theirs"
        fleet.change(sha256) { [theirs] in $0 = MemoryFleet.Row(host: "there", isFree: true, ticket: theirs) }

        guard case .uploaded(let receipt) = await fixture.run(file, isFirst: false) else { return fail("not uploaded") }

        #expect(receipt.mediaID == "theirs")
        #expect(provider.record.asked.isEmpty)
        #expect(fleet.row(sha256)?.host == "here")
    }

    @Test func `a ticket of the own ledger comes into the claim before a byte goes with it`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        try await fixture.book.recordTicket(provider.ticket(for: file), of: file, at: .now())
        index.script { $0.hold = .lost }

        guard case .waitsForFleet = await fixture.run(file, isFirst: false) else { return fail("does not wait") }

        #expect(provider.record.asked.isEmpty && provider.record.sent.isEmpty)
    }

    @Test func `after the storage has refused a ticket, the claim holds the new one`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        var old = provider.ticket(for: file)
        old.receipt.mediaID = "old"
        fleet.change(sha256) { [old] in $0 = MemoryFleet.Row(host: "here", ticket: old) }
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.expiredTicket, "expired") }] }

        guard case .uploaded(let receipt) = await fixture.run(file) else { return fail("not uploaded") }

        #expect(receipt.mediaID == "media-a.jpg")
        #expect(fleet.row(sha256)?.ticket == provider.ticket(for: file))
    }

    @Test func `a try that fails lets its claim go, with the ticket`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "broken") }] }

        guard case .failed = await fixture.run(file) else { return fail("not failed") }

        #expect(fleet.row(sha256)?.isFree == true)
        #expect(fleet.row(sha256)?.ticket == provider.ticket(for: file))
    }

    @Test func `the fleet is told of an asset when the ledger has it, and not before`() async throws {
        let told = Monitor<SharedAsset?>(nil)
        let fixture = try AccountFixture(provider, clock: ContinuousClock(), index: index) { [fleet, sha256] book in
            FailingBook(book, completing: { told.change { $0 = fleet.row(sha256)?.receipt } })
        }

        guard case .uploaded = await fixture.run(try await fixture.claim("a.jpg", content)) else {
            return fail("not uploaded")
        }

        #expect(told.read { $0 } == nil)
        #expect(fleet.row(sha256)?.receipt?.receipt.mediaID == "media-a.jpg")
    }

    @Test func `a file that gets other bytes after its claim is no asset of the claimed content`() async throws {
        // A short file is read before the claim, and goes as it was read.
        let length = Int(MediaFile.longestShort) + 10
        let claimed = SHA256Digest(of: bytes(length))
        let file = try await fixture.claim("a.jpg", bytes(length))
        provider.script { [directory = fixture.directory, provider] script in
            script.asks = [
                { file in
                    try directory.write("a.jpg", bytes(length, seed: 1))
                    return provider.ticket(for: file)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }

        #expect(fleet.row(claimed)?.receipt == nil && fleet.row(claimed)?.isFree == true)
        #expect(try await fixture.entry(file.path) == nil)
    }

    // MARK: Pace

    @Test func `each call to the API waits for the pace that all hosts share, and no PUT does`() async throws {
        let provider = ScriptedProvider(needsFinish: true)
        let fixture = try AccountFixture(provider, clock: ContinuousClock(), index: index)
        guard case .uploaded(let receipt) = await fixture.run(try await fixture.claim("a.jpg", content)) else {
            return fail("not uploaded")
        }

        _ = try await fixture.lane().provider.status(of: receipt)

        #expect(index.paceWaits == [true, true, false])
    }

    @Test func `a provider that tells one host to wait has all hosts wait`() async throws {
        provider.script { $0.asks = [{ _ in throw ProviderError(.throttled(.seconds(30)), "429", status: 429) }] }
        try await fixture.queue("a.jpg", content)
        let lane = fixture.lane()

        try await lane.running { try await fixture.events.postponed(1) }

        #expect(index.paceHolds.contains { $0 > .seconds(20) }, "\(index.paceHolds)")
    }

    @Test func `while nobody gives calls out, a host leaves room for the others in its account's rates`() async throws {
        let (clock, rate) = (ManualClock(), CallRate(calls: 4, window: .seconds(60)))
        let fixture = try AccountFixture(provider, clock: clock, rate: [rate], index: index)
        index.script { $0.sharers = 4 }
        let (paced, receipt) = (fixture.lane().provider, Receipt(mediaID: "med_1", status: .processing))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<2 { _ = try await paced.status(of: receipt) }
            }
            group.addTask {
                while true { try await clock.advanceToNextWake() }
            }
            try await group.next()
            group.cancelAll()
        }

        #expect(clock.now.offset >= .seconds(60))
    }

    // MARK: While the fleet cannot be asked

    @Test func `a file goes up alone while the fleet cannot be asked`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        index.script { $0.claim = .alone }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
        #expect(fleet.row(sha256) == nil)
    }

    @Test func `a content is in use until its try is over, with a claim and alone`() async throws {
        let seen = Mutex<[[SHA256Digest]]>([])
        provider.script { [index] script in
            script.sends = Array(
                repeating: { piece, _ in
                    seen.withLock { $0.append(index.used) }
                    return ScriptedProvider.answer(to: piece)
                },
                count: 2
            )
        }

        guard case .uploaded = await fixture.run(try await fixture.claim("a.jpg", content)) else {
            return fail("not uploaded")
        }
        let between = index.used
        index.script { $0.claim = .alone }
        let other = bytes(11)
        guard case .uploaded = await fixture.run(try await fixture.claim("b.jpg", other)) else {
            return fail("not uploaded")
        }

        #expect(seen.withLock { $0 } == [[sha256], [SHA256Digest(of: other)]])
        #expect(between.isEmpty && index.used.isEmpty)
    }

    @Test func `a try that ends without an upload uses its content no more`() async throws {
        let file = try await fixture.claim("a.jpg", content)
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "broken") }] }
        guard case .failed = await fixture.run(file) else { return fail("not failed") }
        #expect(index.used.isEmpty)

        fleet.change(sha256) { $0 = MemoryFleet.Row(host: "there") }
        guard case .waitsForFleet = await fixture.run(file, isFirst: false) else { return fail("does not wait") }
        #expect(index.used.isEmpty)
    }

    @Test func `the lane takes no file while the fleet is to be waited for`() async throws {
        index.script { $0.closure = FleetClosure(reason: "no answer", since: .now(), until: nil) }
        let file = try await fixture.queue("a.jpg", content)
        let lane = fixture.lane()

        try await lane.running {
            let block = await lane.condition.block
            #expect(block?.cause == .fleetUnreachable)
            #expect(block?.reason == "no answer")
            #expect(try await fixture.state(file) == .queued)
            index.script { $0.closure = nil }
            lane.wake()
            try await fixture.events.uploaded("a.jpg")
        }
    }

    @Test func `a file that waits for another host goes on when it is released`() async throws {
        fleet.change(sha256) { $0 = MemoryFleet.Row(host: "there") }
        let file = try await fixture.queue("a.jpg", content)
        let lane = fixture.lane()

        try await lane.running {
            try await fixture.events.event {
                if case .tryEnded(_, .postponed, _) = $0 { true } else { false }
            }
            #expect(try await fixture.ledger.record(of: file.path)?.cause == .sameBytes)
            #expect(try await fixture.ledger.record(of: file.path)?.attempts == 0)
            #expect(index.parked == [file.path])
            fleet.change(sha256) { $0?.isFree = true }
            try await fixture.ledger.release([file.path])
            lane.wake()
            try await fixture.events.uploaded("a.jpg")
        }
    }
}

@Suite struct TicketSealTests {
    private let ticket = Ticket(
        receipt: Receipt(mediaID: "med_1", status: .processing),
        pieces: [Piece(index: 0, range: 0..<10, url: "https://storage.example/put?signature=x", headers: [])]
    )
    private let sha256 = SHA256Digest(bytes: Array(repeating: 7, count: 32))

    @Test func `a ticket is read with the key that sealed it, for its own content`() throws {
        let sealed = try TicketSeal(apiKey: "key").seal(ticket, for: sha256)

        #expect(TicketSeal(apiKey: "key").open(sealed, for: sha256) == ticket)
        #expect(TicketSeal(apiKey: "other").open(sealed, for: sha256) == nil)
        #expect(TicketSeal(apiKey: "key").open(sealed, for: SHA256Digest(bytes: Array(repeating: 8, count: 32))) == nil)
        #expect(TicketSeal(apiKey: "key").open(Array(sealed.dropLast()), for: sha256) == nil)
    }

    @Test func `nothing of a ticket can be read without the key`() throws {
        let sealed = try TicketSeal(apiKey: "key").seal(ticket, for: sha256)

        #expect(!String(decoding: sealed, as: UTF8.self).contains("signature"))
        #expect(try TicketSeal(apiKey: "key").seal(ticket, for: sha256) != sealed)
    }
}
