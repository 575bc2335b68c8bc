import SystemPackage
import Testing

@testable import Pipeline

@Suite struct ManifestTextTests {
    private func text(_ text: String) throws -> ManifestText { try ManifestText(Array(text.utf8)) }

    private func members(_ text: ManifestText) -> [ManifestText.Member] {
        var members: [ManifestText.Member] = []
        text.forEach { members.append($0) }
        return members
    }

    @Test func `members come with all their fields, also those that this version does not know`() throws {
        let text = try text(
            #"{"schema":1,"revision":7,"new":[{}],"entries":{"/a":{"later":{"x":[1]}}},"rejected":{"/b":{"code":"c"}}}"#
        )

        let members = members(text)
        #expect(text.revision == 7)
        #expect(members.map(\.key) == ["/a", "/b"])
        #expect(members.map(\.isRejected) == [false, true])
        #expect(members.first?.fields?["later"]?.json == #"{"x":[1]}"#)
    }

    @Test func `its own members may stand in any order, as other tools write them`() throws {
        let text = try text(#"{"rejected":{},"entries":{"/a":{}},"revision":7,"schema":1}"#)

        #expect(members(text).map(\.key) == ["/a"])
    }

    @Test func `two paths that a person reads alike are two members`() throws {
        let (composed, decomposed) = ("/in/caf\u{E9}.png", "/in/cafe\u{301}.png")
        let text = try text(
            "{\"schema\":1,\"revision\":1,\"entries\":{\"\(composed)\":{},\"\(decomposed)\":{}},\"rejected\":{}}"
        )

        #expect(members(text).compactMap(\.path).map(\.bytes) == [Array(composed.utf8), Array(decomposed.utf8)])
    }

    @Test func `a member that is no object takes no other along`() throws {
        let text = try text(#"{"schema":1,"revision":1,"entries":{"/a":7,"/b":{}},"rejected":{}}"#)

        #expect(members(text).map { $0.fields == nil } == [true, false])
    }

    @Test(arguments: [
        ("", ManifestDamage.empty), ("{\"schema\":1,\"revision\":1,\"entries\":{\"/a\":{", .notJSON(after: 42, of: 42)),
        ("{\"schema\":1,}", .notJSON(after: 12, of: 13)), ("[]", .notJSON(after: 0, of: 2)),
        ("{}", .noManifest), (#"{"schema":1,"revision":1}"#, .noManifest),
        (#"{"schema":1,"revision":1,"entries":[],"rejected":{}}"#, .noManifest),
        (#"{"schema":"1","revision":1,"entries":{},"rejected":{}}"#, .noManifest),
        (#"{"schema":2,"entries":[],"anything":7}"#, .otherSchema(2)),
    ])
    func `what is no manifest of this schema says why`(text: String, damage: ManifestDamage) {
        #expect(throws: damage) { try self.text(text) }
    }

    @Test func `a manifest that is cut anywhere is refused`() throws {
        let whole = Array(
            #"{"schema":1,"revision":1,"generatedAt":"x","entries":{"/é":{"a":1}},"rejected":{}}"#.utf8
        )

        for count in whole.indices.dropFirst() {
            #expect(throws: ManifestDamage.self, "after \(count) bytes") {
                try ManifestText(Array(whole.prefix(count)))
            }
        }
    }
}
