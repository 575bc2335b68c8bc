import Pipeline
import Sandbox
import Testing

@testable import Providers

/// What only one of them can show.
@Suite(.timeLimit(.minutes(5))) struct ProviderPeculiarityTests {
    @Test func `Postbreeze: a full account is a quota`() async throws {
        try await ProviderAtSandbox.run(.postbreeze, configure: { $0.quota = 10 }) { it in
            let error = await failure { _ = try await it.provider.ask(for: it.file(.jpeg)) }

            #expect(error?.kind == .quota)
            #expect(error?.status == 403)
        }
    }

    @Test func `Postbreeze: a type that it does not take is a refused file`() async throws {
        try await ProviderAtSandbox.run(.postbreeze) { it in
            let file = sampleFile(mime: MIMEType(rawValue: "text/html"), name: "page.html")
            let error = await failure { _ = try await it.provider.ask(for: file) }

            #expect(error?.kind == .refusedFile)
            #expect(error?.requestID != nil)
        }
    }

    @Test func `Postbreeze: an image is processing until it is done`() async throws {
        try await ProviderAtSandbox.run(.postbreeze, configure: { $0.weather.normaliseImagesFor = .seconds(600) }) {
            it in
            let receipt = try await it.upload(SampleFile.jpeg.bytes, as: it.file(.jpeg))

            #expect(receipt.status == .processing)
            #expect(try await it.provider.status(of: receipt) == .processing)
        }
    }

    @Test func `ConnectSafely: a document is processing until it is ready`() async throws {
        try await ProviderAtSandbox.run(.connectsafely, configure: { $0.weather.documentsProcessFor = .seconds(600) }) {
            it in
            let receipt = try await it.upload(SampleFile.pdf.bytes, as: it.file(.pdf))

            #expect(receipt.status == .processing)
            #expect(try await it.provider.status(of: receipt) == .processing)
            it.sandbox.weather = Weather()
            #expect(try await it.provider.status(of: receipt) == .ready)
        }
    }

    @Test func `ConnectSafely: a completion without all parts refuses the ticket, not the file`() async throws {
        let bytes = sampleBytes(5_000_000)
        try await ProviderAtSandbox.run(.connectsafely) { it in
            let file = it.video(size: Int64(bytes.count))
            let ticket = try await it.provider.ask(for: file)
            let answer = try await it.send(ticket.pieces[0], of: file, bytes)
            let error = await failure { _ = try await it.provider.finish(ticket, answers: [answer]) }

            #expect(error?.kind == .refusedTicket)
            #expect(error?.reason.contains("MISSING_PARTS") == true)
        }
    }
}
