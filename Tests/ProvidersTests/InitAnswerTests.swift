import Pipeline
import TestSupport
import Testing

@testable import Providers

struct InitAnswerTests {
    private func ticket(_ text: String, size: Int64 = 10, kind: MediaKind = .video) throws -> Ticket {
        try InitAnswer(try #require(parsed(text))).ticket(size: size, kind: kind)
    }

    private func part(_ first: String, _ last: String, url: String = "https://s/p?k") -> String {
        #"{"firstByte":\#(first),"lastByte":\#(last),"uploadUrl":"\#(url)","headers":{"Content-Length":4}}"#
    }

    private func answer(_ parts: String..., type: String = "MULTIPART", more: String = "") -> String {
        """
        {"success":true,"uploadType":"\(type)","assetUrn":"urn:li:x:1","mediaArtifactUrn":"urn:li:art:1",
        "partUploadRequests":[\(parts.joined(separator: ","))]\(more)}
        """
    }

    private func reason(_ text: String, size: Int64 = 10) -> String? {
        do {
            _ = try ticket(text, size: size)
            return nil
        } catch {
            return (error as? UnusableAnswer)?.reason
        }
    }

    @Test func `parts become pieces, their last byte included`() throws {
        let ticket = try ticket(answer(part("0", "3"), part("4", "7"), part("8", "9")))

        #expect(ticket.pieces.map(\.range) == [0..<4, 4..<8, 8..<10])
        #expect(ticket.pieces.map(\.index) == [0, 1, 2])
        #expect(ticket.pieces.first?.headers.first == HeaderField("Content-Length", "4"))
    }

    @Test func `a part goes as plain bytes where its headers have no type, even the only one`() throws {
        let typed = part("0", "9").replacing("Content-Length", with: "content-type")

        #expect(
            try ticket(answer(part("0", "9"))).pieces[0].headers.last
                == HeaderField("Content-Type", "application/octet-stream")
        )
        #expect(try ticket(answer(typed)).pieces[0].headers == [HeaderField("content-type", "4")])
    }

    @Test func `the last part is clamped to the file's end`() throws {
        #expect(try ticket(answer(part("0", "3"), part("4", "4194303"))).pieces.map(\.range) == [0..<4, 4..<10])
    }

    @Test func `numbers of parts may be strings or floats`() throws {
        #expect(try ticket(answer(part("\"0\"", "3.0"), part("4.0", "\"9\""))).pieces.map(\.range) == [0..<4, 4..<10])
    }

    /// The API may list parts as it likes, and *complete* wants their answers in that order.
    @Test func `in any order, parts keep their places and cover the file`() throws {
        var random = SeededGenerator()
        for _ in 0..<300 {
            var parts: [(first: Int, last: Int)] = []
            var size = 0
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let length = Int.random(in: 1...5, using: &random)
                parts.append((size, size + length - 1))
                size += length
            }
            // The last of the file overshoots it, wherever it stands.
            parts[parts.count - 1].last += Int.random(in: 0...9, using: &random)
            parts.shuffle(using: &random)
            let listed = parts.map { part("\($0.first)", "\($0.last)", url: "https://s/\($0.first)") }
            let text = #"{"assetUrn":"u","partUploadRequests":[\#(listed.joined(separator: ","))]}"#

            let pieces = try ticket(text, size: Int64(size)).pieces

            #expect(pieces.map(\.index) == Array(parts.indices))
            #expect(pieces.map(\.url) == parts.map { "https://s/\($0.first)" })
            let ranges = pieces.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
            #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == Int64(size))
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
    }

    @Test(arguments: ["urn:li:x:1\\nforged line", "urn\\u202Egnp.exe", "urn\\u0000", "urn\\u2028b"])
    func `an id or recipe that could forge a line is refused`(id: String) {
        let words = "an id or address that has characters which no id has"

        #expect(reason(#"{"assetUrn":"\#(id)","uploadUrl":"https://s/u"}"#) == words)
        #expect(reason(#"{"assetUrn":"u","recipes":["\#(id)"],"uploadUrl":"https://s/u"}"#) == words)
    }

    @Test func `a hole and an overlap are refused, in whatever order the parts stand`() {
        #expect(reason(answer(part("0", "3"), part("5", "9")))?.hasPrefix("a hole before part 2 of 2") == true)
        #expect(reason(answer(part("0", "3"), part("3", "9")))?.hasPrefix("an overlap with part 2 of 2") == true)
        #expect(reason(answer(part("5", "9"), part("0", "3")))?.hasPrefix("a hole before part 1 of 2") == true)
        #expect(reason(answer(part("3", "9"), part("0", "3")))?.hasPrefix("an overlap with part 1 of 2") == true)
        #expect(reason(answer(part("0", "4"), part("0", "9")))?.hasPrefix("an overlap with part 2 of 2") == true)
        #expect(reason(answer(part("1", "9")))?.hasPrefix("a hole before part 1 of 1") == true)
    }

    @Test func `parts that end before the file, or begin after it, are refused`() {
        #expect(reason(answer(part("0", "8"))) == "parts that cover 9 of the file's 10 bytes")
        #expect(reason(answer(part("0", "9"), part("10", "19"))) == "part 2 of 2 beyond the end of the file")
        #expect(reason(answer(part("0", "12"), part("13", "19"))) == "part 1 of 2 beyond the end of the file")
    }

    @Test(arguments: ["null", "\"x\"", "-1", "9223372036854775807", "1e99"])
    func `a part without a range is refused`(last: String) {
        #expect(reason(answer(part("0", last))) == "part 1 of 1 that names no range of bytes")
    }

    @Test func `a part without a URL is refused`() {
        #expect(reason(answer(part("0", "9", url: "nowhere"))) == "part 1 of 1 without an upload URL")
    }

    @Test func `parts decide, whatever the upload type says`() throws {
        let more = #","uploadUrl":"https://s/single""#

        #expect(try ticket(answer(part("0", "4"), part("5", "9"), type: "SINGLE", more: more)).pieces.count == 2)
        let single = try ticket(answer(type: "MULTIPART", more: more))
        #expect(single.pieces == [Piece(index: 0, range: 0..<10, url: "https://s/single", headers: [])])
        #expect(single.completion == nil)
    }

    @Test func `neither parts nor URL is refused, and so is a missing URN`() {
        #expect(reason(answer()) == "neither an upload URL nor parts")
        #expect(
            reason(#"{"assetUrn":"u","partUploadRequests":null,"uploadUrl":""}"#) == "neither an upload URL nor parts"
        )
        #expect(reason(#"{"uploadUrl":"https://s/u"}"#) == "no asset URN")
    }

    @Test func `recipes may be missing or null, and headers null`() throws {
        let missing = #"{"assetUrn":"u","uploadUrl":"https://s/u","uploadHeaders":null}"#
        let null = #"{"assetUrn":"u","uploadUrl":"https://s/u","recipes":null}"#
        let some = #"{"assetUrn":"u","uploadUrl":"https://s/u","recipes":["a","b"]}"#

        #expect(try ticket(missing).receipt.recipes == [])
        #expect(try ticket(missing).pieces.first?.headers == [])
        #expect(try ticket(null).receipt.recipes == [])
        #expect(try ticket(some).receipt.recipes == ["a", "b"])
    }

    @Test(arguments: MediaKind.allCases)
    func `only a document is not ready at once`(kind: MediaKind) throws {
        let status = try ticket(#"{"assetUrn":"u","uploadUrl":"https://s/u"}"#, kind: kind).receipt.status

        #expect(status == (kind == .document ? .processing : .ready))
    }

    @Test(arguments: [#""abc""#, #""""#, #"{"z":1,"a":[2.50]}"#, "null", "17"])
    func `multipartMetadata is echoed as it came`(metadata: String) throws {
        let ticket = try ticket(answer(part("0", "9"), more: #","multipartMetadata":\#(metadata)"#))
        let request = ticket.completion.flatMap(Completion.init)?.request(accountID: nil, answers: [])

        #expect(request?.verbatim("multipartMetadata")?.json == metadata)
        #expect(request?["mediaArtifactUrn"]?.text == "urn:li:art:1")
        #expect(request?.verbatim("accountId") == nil)
    }

    @Test func `a missing multipartMetadata stays missing`() throws {
        let ticket = try ticket(answer(part("0", "9")))
        let completion = try #require(ticket.completion.flatMap(Completion.init))

        #expect(completion.request(accountID: nil, answers: []).verbatim("multipartMetadata") == nil)
    }
}
