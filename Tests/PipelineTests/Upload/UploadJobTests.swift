import Crypto
import Glibc
import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct UploadJobTests {
    private typealias Fixture = AccountFixture<ContinuousClock>

    private func fixture(_ provider: ScriptedProvider = ScriptedProvider()) throws -> Fixture {
        try Fixture(provider, clock: ContinuousClock())
    }

    @Test func `a file goes up in one piece and is recorded with its digest`() async throws {
        let fixture = try fixture()
        let content = bytes(300_000)
        let file = try await fixture.claim("a.jpg", content)

        guard case .uploaded(let receipt) = await fixture.run(file) else { return fail("not uploaded") }

        #expect(receipt.mediaID == "media-a.jpg")
        #expect(fixture.provider.record.sent.map(\.bytes) == [content])
        let entry = try await fixture.entry(file.path)
        #expect(entry?.sha256.bytes == Array(SHA256.hash(data: content)))
        #expect(entry?.receipt == receipt)
        #expect(entry?.bytes == 300_000)
        #expect(try await fixture.state(file) == .uploaded)
        #expect(try await fixture.book.upload(of: file) == nil)
    }

    @Test func `in parts, each has its own bytes and the answers go to finish in order`() async throws {
        let fixture = try fixture(ScriptedProvider(pieceLength: 100_000, needsFinish: true))
        let content = bytes(250_001)
        let file = try await fixture.claim("a.jpg", content)

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }

        let record = fixture.provider.record
        let sent = record.sent.sorted { $0.piece.index < $1.piece.index }
        #expect(sent.map { Int64($0.bytes.count) } == [100_000, 100_000, 50_001])
        #expect(sent.flatMap(\.bytes) == content)
        #expect(record.finished.map { $0.map(\.index) } == [[0, 1, 2]])
        #expect(try await fixture.entry(file.path)?.sha256.bytes == Array(SHA256.hash(data: content)))
    }

    @Test func `what an earlier try sent is not sent again, and the digest is still that of the whole`() async throws {
        let fixture = try fixture(ScriptedProvider(pieceLength: 1000))
        let content = bytes(4500)
        let file = try await fixture.claim("a.jpg", content)
        let ticket = fixture.provider.ticket(for: file)
        try await fixture.book.recordTicket(ticket, of: file, at: .now())
        for index in [0, 3] {
            try await fixture.book.recordAnswer(ScriptedProvider.answer(to: ticket.pieces[index]), of: file)
        }

        guard case .uploaded = await fixture.run(file, isFirst: false) else { return fail("not uploaded") }

        let record = fixture.provider.record
        #expect(record.asked.isEmpty)
        #expect(Set(record.sent.map(\.piece.index)) == [1, 2, 4])
        #expect(record.finished.map { $0.map(\.index) } == [[0, 1, 2, 3, 4]])
        #expect(try await fixture.entry(file.path)?.sha256.bytes == Array(SHA256.hash(data: content)))
    }

    @Test func `a ticket whose time has surely run out is not tried`() async throws {
        let fixture = try fixture(ScriptedProvider(lifetime: 60))
        let file = try await fixture.claim("a.jpg", bytes(10))
        let ticket = fixture.provider.ticket(for: file)
        let upload = UploadUnderWay(ticket: ticket, askedAt: Timestamp(milliseconds: 5000), answers: [])
        let start = Timestamp(milliseconds: 5000)

        #expect(upload.mayBeAlive(at: Timestamp(milliseconds: 64_999), since: start))
        #expect(!upload.mayBeAlive(at: Timestamp(milliseconds: 65_000), since: start))
        let answers = ticket.pieces.map(ScriptedProvider.answer)
        let answered = UploadUnderWay(ticket: ticket, askedAt: upload.askedAt, answers: answers)
        #expect(answered.mayBeAlive(at: Timestamp(milliseconds: 65_000), since: start), "no byte is to go any more")
        // Another process asked, by a clock that may have been another one.
        #expect(upload.mayBeAlive(at: Timestamp(milliseconds: 65_000), since: start.advanced(by: .milliseconds(1))))
    }

    @Test(arguments: [10, Int(MediaFile.longestShort) + 1])
    func `the intent is durable before the provider is asked, the ticket and the bytes before a byte goes`(
        length: Int
    ) async throws {
        let provider = ScriptedProvider(needsFinish: true)
        let fixture = try fixture(provider)
        let book = fixture.book
        let file = try await fixture.claim("a.jpg", bytes(length))
        try fixture.directory.write("twin.jpg", bytes(length))
        let twin = try fixture.directory.media("twin.jpg")
        let ticket = provider.ticket(for: file)
        provider.script { script in
            script.asks = [
                { file in
                    let underWay = try? await book.upload(of: file)
                    #expect(underWay != nil && underWay?.ticket == nil)
                    return ticket
                }
            ]
            script.sends = [
                { piece, _ in
                    #expect((try? await book.upload(of: file))?.ticket == ticket)
                    #expect((try? await book.hasUploads(besides: twin)) == true)
                    return ScriptedProvider.answer(to: piece)
                }
            ]
            script.finishes = [
                { ticket in
                    #expect((try? await book.upload(of: file))?.answers.count == 1)
                    return ticket.receipt
                }
            ]
        }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
    }

    /// The call may wait long for the pace.
    @Test func `a short file that gets other bytes while it is asked for does not go`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { script in
            script.asks = [
                { file in
                    try fixture.directory.write("a.jpg", bytes(10, seed: 1))
                    return provider.ticket(for: file)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }

        #expect(provider.record.sent.isEmpty)
    }

    @Test(arguments: [(ProviderError.Kind.expiredTicket, 4), (.refusedTicket, 2)])
    func `a ticket that is no good is asked for anew, but not for ever`(kind: ProviderError.Kind, asks: Int)
        async throws
    {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { script in
            script.sends = (0..<9).map { _ in
                { _, _ in throw ProviderError(kind, "no good") }
            }
        }

        guard case .failed(let error) = await fixture.run(file) else { return fail("not failed") }

        #expect(error.kind == kind)
        #expect(provider.record.asked.count == asks)
    }

    /// Each ask that comes to nothing leaves an asset without bytes.
    @Test(arguments: [1, 5])
    func `a later try asks once, also where an earlier one left a ticket that has run out`(attempts: Int) async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { script in
            script.sends = (0..<9).map { _ in { _, _ in throw ProviderError(.expiredTicket, "too old") } }
        }
        guard case .failed = await fixture.run(file, attempts: attempts) else { return fail("not failed") }
        #expect(provider.record.asked.count == 1)
        try await fixture.book.recordTicket(provider.ticket(for: file), of: file, at: .steady())
        guard case .failed = await fixture.run(file, attempts: attempts) else { return fail("not failed") }

        #expect(provider.record.asked.count == 2)
        #expect(provider.record.sent.count == 3)
    }

    @Test func `a ticket that expired does not use up the one renewal after a refusal`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { script in
            script.sends = [
                { _, _ in throw ProviderError(.expiredTicket, "too old") },
                { _, _ in throw ProviderError(.refusedTicket, "does not fit") },
            ]
        }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
        #expect(provider.record.asked.count == 3)
    }

    @Test func `a file that changed after it settled is not asked for`() async throws {
        let fixture = try fixture()
        let file = try await fixture.claim("a.jpg", bytes(10))
        try fixture.directory.write("a.jpg", bytes(20))

        guard case .changed = await fixture.run(file) else { return fail("not changed") }
        #expect(fixture.provider.record.asked.isEmpty)
    }

    @Test func `a file that left is gone, a link in its place too`() async throws {
        let fixture = try fixture()
        let file = try await fixture.claim("a.jpg", bytes(10))
        try fixture.directory.remove("a.jpg")
        guard case .gone = await fixture.run(file) else { return fail("not gone") }

        try fixture.directory.write("elsewhere", bytes(10))
        try fixture.directory.link("a.jpg", to: "elsewhere")
        guard case .gone = await fixture.run(file) else { return fail("the link was followed") }
        #expect(fixture.provider.record.asked.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a file that changes while it is sent leaves its next version nothing`(inParts: Bool) async throws {
        let provider = ScriptedProvider(pieceLength: inParts ? 5 : nil, needsFinish: true)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let directory = fixture.directory
        provider.script { script in
            script.sends = [
                { piece, _ in
                    #expect(throws: Never.self) { try directory.write("a.jpg", bytes(10, seed: 1)) }
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }

        #expect(provider.record.finished.isEmpty)
        #expect(try await fixture.entry(file.path) == nil)
        let changed = try directory.media("a.jpg")
        try await fixture.ledger.enqueue(changed, at: .now())
        #expect(try await fixture.book.upload(of: changed) == nil)
        #expect(try await !fixture.book.hasAssets(ofSize: 10))
    }

    @Test func `a file that is renamed while it is sent counts, and the new name takes the asset`()
        async throws
    {
        let provider = ScriptedProvider(pieceLength: 5, needsFinish: true)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let directory = fixture.directory
        provider.script { script in
            script.sends = [
                { piece, _ in
                    #expect(rename(directory.at("a.jpg").string, directory.at("b.jpg").string) == 0)
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }
        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
        try await fixture.ledger.recordGone([file.path], at: .now())
        let moved = try directory.media("b.jpg")
        try await fixture.ledger.enqueue(moved, at: .now())

        guard case .reused(let from) = await fixture.run(moved) else { return fail("not reused") }

        #expect(from == file.path)
        #expect(provider.record.asked.map(\.path) == [file.path])
        #expect(provider.record.sent.count == 2, "no byte went twice")
        #expect(try await fixture.entry(moved.path)?.sha256.bytes == Array(SHA256.hash(data: bytes(10))))
    }

    @Test func `bytes that changed under a mtime that was put back do not count`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let nanoseconds = file.version.modified
        let before = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        provider.script { script in
            script.sends = [
                { piece, _ in
                    let writer = try? FileDescriptor.open(file.path, .writeOnly)
                    _ = try? writer?.closeAfter { try writer?.writeAll(Array(repeating: 7, count: 10)) }
                    #expect(utimensat(AT_FDCWD, file.path.string, [before, before], 0) == 0)
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }

        #expect(try await fixture.entry(file.path) == nil)
        #expect(try FileStatus.of(file.path).version.hasSameBytes(as: file.version), "only the ctime tells")
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a file that somebody opened for writing while it was sent does not count`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let writer = try FileDescriptor.open(file.path, .writeOnly)
        defer { try? writer.close() }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }
        #expect(try await fixture.entry(file.path) == nil)
    }

    @Test func `a file that changes while its finish waits for the pace is not finished`() async throws {
        let clock = ManualClock()
        let provider = ScriptedProvider(needsFinish: true)
        let rate = CallRate(calls: 1, window: .seconds(60))
        let fixture = try AccountFixture(provider, clock: clock, rate: [rate])
        let file = try await fixture.claim("a.jpg", bytes(10))

        let hasChanged = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                if case .changed = await fixture.run(file) { true } else { false }
            }
            // To ask was the minute's one call; all has been sent since.
            try await clock.sleepers(1)
            #expect(provider.record.sent.count == 1)
            Moment.pass()
            try fixture.directory.write("a.jpg", bytes(10, seed: 1))
            try await clock.advanceToNextWake()
            return try await group.next() ?? false
        }

        #expect(hasChanged)
        #expect(provider.record.finished.isEmpty)
        #expect(try await fixture.entry(file.path) == nil)
    }

    @Test(arguments: [false, true])
    func `a file that is cut short while it is sent has changed`(inParts: Bool) async throws {
        let length = 3 * FileReader.chunkLength
        let provider = ScriptedProvider(pieceLength: inParts ? Int64(FileReader.chunkLength) : nil)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(length))
        let directory = fixture.directory
        provider.script { script in
            script.asks = [
                { file in
                    #expect(throws: Never.self) { try directory.truncate("a.jpg", to: 100) }
                    return provider.ticket(for: file)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }
        #expect(try await fixture.entry(file.path) == nil)
    }

    @Test func `a body that broke off while the file stayed as it is, is the provider's failure`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.interruptedBody, "broke off") }] }

        guard case .failed(let error) = await fixture.run(file) else { return fail("not failed") }
        #expect(error.kind == .interruptedBody)
        #expect(try await fixture.book.upload(of: file)?.ticket != nil)
    }

    @Test func `a failing part fails the file with its own error, not with that of the parts it stopped`() async throws
    {
        let provider = ScriptedProvider(pieceLength: 1)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(9))
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "503") }] }

        guard case .failed(let error) = await fixture.run(file) else { return fail("not failed") }
        #expect(error == ProviderError(.transient, "503"))
    }
}
