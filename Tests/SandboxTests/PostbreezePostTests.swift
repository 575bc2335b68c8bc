import FoundationEssentials
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct PostbreezePostTests {
    @Test func `a post of whole media is scheduled, and the books have it`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.storedPNG()

            let reply = try await sandbox.post(media: ticket.id, ["scheduledFor": "2027-01-15T09:00:00.000Z"])

            #expect(reply.status == 201)
            #expect(reply.json["status"] == "SCHEDULED")
            #expect(reply.json["scheduledAt"] == "2027-01-15T09:00:00Z")
            let post = try #require(sandbox.page.posts.first)
            #expect(post.id == reply.json["id"]?.string)
            #expect(post.id.hasPrefix("post_"))
            #expect(post.assets == [ticket.id])
            #expect(post.accounts == ["soc_1"])
            #expect(post.text == "Hello")
            #expect(post.scheduledFor == Date(timeIntervalSince1970: 1_800_003_600))
            #expect(sandbox.page.calls.last?.route == "POST /posts")
            #expect(sandbox.page.calls.last?.asset == ticket.id)
        }
    }

    @Test func `without a time the post is a draft`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.storedPNG()

            let reply = try await sandbox.post(media: ticket.id)

            #expect(reply.status == 201)
            #expect(reply.json["status"] == "DRAFT")
            #expect(sandbox.page.posts.map(\.scheduledFor) == [nil])
        }
    }

    @Test func `media is refused until its bytes are there and its processing is over`() async throws {
        try await withSandbox({ $0.weather.normaliseImagesFor = .seconds(10) }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            var seen = [try await sandbox.post(media: ticket.id)]
            _ = try await sandbox.putPNG(ticket, [1, 2, 3])
            for pause in [4.0, 5.9] {
                sandbox.clock.advance(by: .seconds(pause))
                seen.append(try await sandbox.post(media: ticket.id))
            }
            #expect(seen.map(\.status) == [422, 422, 422])
            #expect(seen.allSatisfy { $0.json["code"] == "MEDIA_NOT_READY" && $0.json["statusCode"] == 422 })
            #expect(sandbox.page.posts.isEmpty)

            sandbox.clock.advance(by: .seconds(0.1))
            let made = try await sandbox.post(media: ticket.id)
            #expect(made.status == 201)
            #expect(sandbox.page.posts.count == 1)
        }
    }

    @Test func `a video without bytes is refused, though it is never processed`() async throws {
        try await withSandbox { sandbox in
            let asked = try await sandbox.presign(["filename": "a.mp4", "contentType": "video/mp4", "bytes": 3])
            let media = asked.json["mediaAsset"]

            let reply = try await sandbox.post(media: media?["id"]?.string ?? "")

            #expect(media?["normalizationStatus"] == "SKIPPED")
            #expect(reply.json["code"] == "MEDIA_NOT_READY")
        }
    }

    @Test func `unknown media, another key's and another provider's are not found`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.storedPNG()
            let ask = try await sandbox.start(["mediaType": "image", "fileSize": 3, "filename": "a.png"])

            let replies = [
                try await sandbox.post(media: "med_none"),
                try await sandbox.post(media: ticket.id, key: "cs_sandbox"),
                try await sandbox.post(media: ask.json["assetUrn"]?.string ?? "", key: "cs_sandbox"),
            ]

            #expect(replies.map(\.status) == [404, 404, 404])
            #expect(replies.allSatisfy { $0.json["requestId"]?.string?.isEmpty == false })
            #expect(sandbox.page.posts.isEmpty)
        }
    }

    static let broken: [(JSONValue, String)] = [
        ("no object", "body"),
        (["content": "a"], "platforms"),
        (["content": "a", "platforms": []], "platforms"),
        (["content": "a", "platforms": [["accountId": "a"], ["accountId": ""]]], "platforms"),
        (["content": 7, "platforms": [["accountId": "a"]]], "content"),
        (["content": .string(String(repeating: "a", count: 10_001)), "platforms": [["accountId": "a"]]], "content"),
        (["platforms": [["accountId": "a"]]], "content"),
        (["content": "a", "platforms": [["accountId": "a"]], "mediaIds": [7]], "mediaIds"),
        (["content": "a", "platforms": [["accountId": "a"]], "mediaIds": "med_1"], "mediaIds"),
        (["content": "a", "platforms": [["accountId": "a"]], "mediaIds": ["med_1", "med_1"]], "mediaIds"),
        (["content": "a", "platforms": [["accountId": "a"]], "mediaItems": []], "mediaItems"),
        (["content": "a", "platforms": [["accountId": "a"]], "scheduledFor": "tomorrow"], "scheduledFor"),
        // The sandbox's clock stands at 08:00.
        (["content": "a", "platforms": [["accountId": "a"]], "scheduledFor": "2027-01-15T08:00:00Z"], "scheduledFor"),
    ]

    @Test(arguments: broken)
    func `a broken rule is VALIDATION_FAILED and names the field`(body: JSONValue, field: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.call("POST", sandbox.addresses.postbreeze + "/posts", body)

            #expect(reply.status == 400)
            #expect(reply.json["code"] == "VALIDATION_FAILED")
            #expect(reply.json["message"]?.array?.contains { $0.string?.contains(field) == true } == true)
            #expect(sandbox.page.posts.isEmpty)
        }
    }

    @Test func `both forms of targets at once are refused`() async throws {
        try await withSandbox { sandbox in
            let body: JSONValue = ["content": "a", "platforms": [["accountId": "a"]], "targets": [["accountId": "a"]]]
            let reply = try await sandbox.call("POST", sandbox.addresses.postbreeze + "/posts", body)

            #expect(reply.status == 400)
            #expect(reply.json["code"] == "MUST_SPECIFY_EXACTLY_ONE")
        }
    }

    @Test func `without a known bearer there is no post, and posts count as calls`() async throws {
        try await withSandbox({ $0.postbreezeRates = [RateLimit(calls: 3, window: .seconds(60))] }) { sandbox in
            let ticket = try await sandbox.storedPNG()
            let stranger = try await sandbox.post(media: ticket.id, key: "pb_live_other")
            var seen: [Int] = []
            for _ in 0..<3 { seen.append(try await sandbox.post(media: ticket.id).status) }

            #expect(stranger.status == 401)
            #expect(seen == [201, 201, 429])
            #expect(sandbox.page.posts.count == 2)
        }
    }

    @Test func `a lost answer leaves a post`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.storedPNG()
            sandbox.sandbox.weather.loseAnswerEveryNthCall = 1

            await #expect(throws: (any Error).self) { try await sandbox.post(media: ticket.id) }

            #expect(sandbox.page.posts.count == 1)
            #expect(sandbox.page.calls.last?.answerLost == true)
        }
    }
}

extension RunningSandbox {
    /// A picture at Postbreeze whose bytes have arrived.
    func storedPNG() async throws -> Ticket {
        let ticket = try await pngTicket(bytes: 3)
        _ = try await putPNG(ticket, [1, 2, 3])
        return ticket
    }

    /// Posts one asset by the account `soc_1`.
    func post(media id: String, _ more: [String: JSONValue] = [:], key: String = "pb_live_sandbox") async throws
        -> Reply
    {
        var body: [String: JSONValue] = [
            "content": "Hello", "platforms": [["accountId": "soc_1"]], "mediaIds": [.string(id)],
        ]
        body.merge(more) { _, new in new }
        return try await call("POST", addresses.postbreeze + "/posts", .object(body), key: key)
    }
}
