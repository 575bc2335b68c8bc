import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct IntakeTests {
    private let directory: TemporaryDirectory
    private let ledger: SQLiteLedger
    private let events = RecordedEvents()
    private let photo = MediaBytes.jpeg()

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func settled(_ path: FilePath) throws -> SettledFile {
        let file = FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)
        let look = QuietLook.at(file, beneath: directory.path)
        guard case .settled(let settled) = look else { throw NotSettled(look: look) }
        return settled
    }

    private struct NotSettled: Error {
        let look: QuietLook
    }

    private func take(
        _ file: SettledFile,
        sidecars: [String] = [],
        isInForce: Bool = true
    ) async -> Intake<ManualClock>.Decision {
        let bookkeeping = Bookkeeping(clock: ManualClock(), observer: events.observer)
        let intake = Intake(queue: ledger, bookkeeping: bookkeeping, observer: events.observer)
        return await intake.admit(file, by: directory.plan(sidecars: sidecars)) { isInForce }
    }

    @Test func `media is queued for its folder's account, and passed over the next time`() async throws {
        let file = try settled(directory.write("a.jpg", photo))

        guard case .queued(let media) = await take(file) else { return fail("not queued") }

        #expect(media.account == "main" && media.version == file.version)
        #expect(try await ledger.record(of: file.path)?.state == .queued)
        #expect(await take(file) == .passedOver)
    }

    @Test func `anything else is rejected, and the manifest says why`() async throws {
        let file = try settled(directory.write("a.jpg", Array("plain text".utf8)))

        #expect(await take(file) == .rejected)

        guard case .rejected(let rejection)? = try await ledger.row(of: file.path)?.content else {
            return fail("shown")
        }
        #expect(rejection.rejection.code == .unsupportedType)
    }

    @Test func `a sidecar is noted, whatever it contains, and neither queued nor rejected`() async throws {
        for (name, content) in [("a.jpg", photo), ("b.jpg", Array("text".utf8)), ("c.jpg", [])] {
            let file = try settled(directory.write(name, content))

            #expect(await take(file, sidecars: ["*.jpg"]) == .noted)

            #expect(try await ledger.unnoted(among: [file.file]) == [])
        }
        #expect(try await ledger.counts() == [:])
        #expect(try await ledger.rowCount() == 0)
        // One that cannot be read is one, too.
        let closed = SettledFile(
            try settled(directory.write("d.jpg", photo)).file,
            finding: .failure(.failed(.ioError))
        )
        #expect(await take(closed, sidecars: ["*.jpg"]) == .noted)
    }

    @Test func `a sidecar of a plan that is no longer in force is not noted`() async throws {
        let file = try settled(directory.write("a.txt", Array("text".utf8)))

        #expect(await take(file, sidecars: ["*.txt"], isInForce: false) == .passedOver)

        #expect(try await ledger.unnoted(among: [file.file]) == [file.file])
    }

    @Test func `a file that left while it was looked at is looked at again`() async throws {
        let file = try settled(directory.write("a.jpg", photo)).file

        #expect(await take(SettledFile(file, finding: .failure(.missing))) == .changed)
        #expect(await take(SettledFile(file, finding: .failure(.notRegular))) == .changed)

        #expect(try await ledger.counts() == [:])
    }

    @Test func `a file that cannot be read for now waits, and one that never can is rejected`() async throws {
        let file = try settled(directory.write("a.jpg", photo)).file

        guard case .waits(.retry, _) = await take(SettledFile(file, finding: .failure(.failed(.ioError)))) else {
            return fail("does not wait")
        }
        #expect(try await ledger.counts() == [:])

        #expect(await take(SettledFile(file, finding: .failure(.denied))) == .rejected)
        #expect(try await ledger.counts() == [.rejected: 1])
    }

    @Test func `nothing is recorded by a plan that is no longer in force`() async throws {
        let photo = try settled(directory.write("a.jpg", photo))
        let text = try settled(directory.write("b.txt", Array("plain text".utf8)))

        #expect(await take(photo, isInForce: false) == .passedOver)
        #expect(await take(text, isInForce: false) == .passedOver)

        #expect(try await ledger.counts() == [:])
    }
}
