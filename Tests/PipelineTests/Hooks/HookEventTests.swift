import SystemPackage
import Testing

@testable import Pipeline

@Suite struct HookEventTests {
    private func entry(_ receipt: Receipt) -> ManifestEntry {
        ManifestEntry(
            folder: "inbox",
            kind: .image,
            mimeType: .jpeg,
            bytes: 12,
            sha256: SHA256Digest(bytes: [1, 2]),
            provider: "postbreeze",
            account: "main",
            receipt: receipt,
            present: true,
            uploadedAt: Timestamp(milliseconds: 0),
            revision: 7
        )
    }

    private func event(_ path: FilePath, _ content: ManifestRow.Content, attempts: Int = 0) -> HookEvent {
        HookEvent(
            id: 3,
            key: "0a1b",
            hook: "post",
            trigger: .uploaded,
            path: path,
            facts: HookFacts.of(ManifestRow(path: path, content: content)),
            recordedAt: Timestamp(milliseconds: 1000),
            attempts: attempts
        )
    }

    private func variables(_ event: HookEvent) -> [String: String] {
        Dictionary(uniqueKeysWithValues: event.environment.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
    }

    private let ready = Receipt(mediaID: "med_1", publicURL: "https://x/1", recipes: ["a", "b"], status: .ready)

    @Test func `the body is one line of JSON with the journal's fields, and the same with each try`() throws {
        let first = event("/in/a b\n.jpg", .entry(entry(ready)))
        let again = event("/in/a b\n.jpg", .entry(entry(ready)), attempts: 4)

        #expect(first.body == again.body)
        #expect(!first.body.contains(UInt8(ascii: "\n")))
        let members = try #require(try JSONReader.value(of: first.body[...]).members)
        #expect(members.prefix(4).map(\.name) == ["delivery", "hook", "event", "at"])
        #expect(members["delivery"]?.string == "0a1b" && members["event"]?.string == "uploaded")
        #expect(members["at"]?.string == "1970-01-01T00:00:01Z")
        #expect(members["path"]?.string == "/in/a b\n.jpg" && members["mediaId"]?.string == "med_1")
        #expect(members["revision"]?.int64 == 7 && members["recipes"]?.strings == ["a", "b"])
    }

    @Test func `each scalar field is a variable, the path by its own bytes`() throws {
        let path = FilePath(bytes: Array("/in/".utf8) + [0xFF])
        let event = event(path, .entry(entry(ready)), attempts: 2)
        let variables = variables(event)

        #expect(event.environment.first { $0.name == "OUTTRAY_PATH" }?.value == path.bytes)
        #expect(event.body.contains(Array(#""pathEncoding":"percent""#.utf8)))
        #expect(variables["OUTTRAY_EVENT"] == "uploaded" && variables["OUTTRAY_HOOK"] == "post")
        #expect(variables["OUTTRAY_MEDIA_ID"] == "med_1" && variables["OUTTRAY_MIME_TYPE"] == "image/jpeg")
        #expect(variables["OUTTRAY_ASSET"] == "med_1" && variables["OUTTRAY_ATTEMPT"] == "3")
        #expect(variables["OUTTRAY_PRESENT"] == "true" && variables["OUTTRAY_BYTES"] == "12")
        #expect(variables["OUTTRAY_ASSET_URN"] == nil && variables["OUTTRAY_RECIPES"] == nil)
        #expect(Set(event.environment.map(\.name)).count == event.environment.count)
    }

    @Test func `no value of a variable holds a null, which would end it, and no field comes twice`() throws {
        let rejection = ManifestRejection(
            folder: "inbox",
            rejection: Rejection(.refusedByProvider, "no\0way"),
            at: Timestamp(milliseconds: 0),
            revision: 1
        )
        let event = event("/in/a", .rejected(rejection))

        #expect(variables(event)["OUTTRAY_REASON"] == "noway")
        let names = try #require(try JSONReader.value(of: event.body[...]).members).map(\.name)
        #expect(Set(names).count == names.count, "a name occurs twice")
    }

    @Test func `an asset whose provider never tells counts as ready, one that is processed does not`() {
        for (status, triggers) in [
            (AssetStatus.ready, [HookTrigger.uploaded, .ready]), (.unknown, [.uploaded, .ready]),
            (.processing, [.uploaded]), (.failed, [.uploaded]),
        ] {
            let content = ManifestRow.Content.entry(entry(Receipt(mediaID: "m", recipes: [], status: status)))
            #expect(HookTrigger.of(.uploaded, content) == triggers)
            for event in [ManifestChange.Event.updated, .renamed, .removed] {
                #expect(HookTrigger.of(event, content).isEmpty)
            }
        }
    }

    /// RFC 4231, test case 2.
    @Test func `the signature is HMAC-SHA256 in hex`() {
        #expect(
            HookSignature.of(Array("what do ya want for nothing?".utf8), secret: "Jefe")
                == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
    }
}
