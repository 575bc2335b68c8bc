import AsyncHTTPClient
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct ConnectSafelyPostTests {
    @Test(arguments: [("image", "a.png"), ("video", "a.mp4"), ("document", "a.pdf")])
    func `a post of an uploaded file is published, and the books have it`(type: String, name: String) async throws {
        try await withSandbox { sandbox in
            let asset = try await sandbox.stored(type, name)

            let reply = try await sandbox.create(
                asset.post(["title": "Plan", "accountId": "acc"])
            )

            #expect(reply.status == 200)
            #expect(reply.json["success"] == true)
            #expect(reply.json["postUrn"]?.string?.hasPrefix("urn:li:activity:") == true)
            let post = try #require(sandbox.page.posts.first)
            #expect(post.id == reply.json["shareUrn"]?.string)
            #expect(post.assets == [asset.urn])
            #expect(post.accounts == ["acc"])
            #expect(post.title == "Plan")
            #expect(sandbox.page.calls.last?.route == "POST /posts/create")
        }
    }

    @Test func `a text and a carousel are posts, too`() async throws {
        try await withSandbox { sandbox in
            let first = try await sandbox.stored("image", "a.png")
            let second = try await sandbox.stored("image", "b.png")

            let text = try await sandbox.create(["text": "Hello"])
            let carousel = try await sandbox.create([
                "text": "Hello", "mediaType": "image",
                "assetUrns": [["assetUrn": .string(first.urn)], ["assetUrn": .string(second.urn)]],
            ])

            #expect([text.status, carousel.status] == [200, 200])
            #expect(sandbox.page.posts.map(\.assets) == [[], [first.urn, second.urn]])
        }
    }

    @Test func `a document is refused until it is ready`() async throws {
        try await withSandbox({ $0.weather.documentsProcessFor = .seconds(10) }) { sandbox in
            let ask = try await sandbox.start(["mediaType": "document", "fileSize": 3, "filename": "a.pdf"])
            let asset = StartedAsset(ask.json, type: "document")
            let body = asset.post(["title": "Plan"])
            var seen = [try await sandbox.create(body)]
            _ = try await sandbox.send("PUT", ask.json["uploadUrl"]?.string ?? "", body: .bytes([1, 2, 3]))
            sandbox.clock.advance(by: .seconds(9.9))
            seen.append(try await sandbox.create(body))

            #expect(seen.map(\.status) == [400, 400])
            #expect(seen.map { $0.json["code"] } == ["ASSET_NOT_UPLOADED", "DOCUMENT_NOT_READY"])
            #expect(seen.allSatisfy { $0.json["success"] == false })
            #expect(sandbox.page.posts.isEmpty)

            sandbox.clock.advance(by: .seconds(0.1))
            let made = try await sandbox.create(body)
            #expect(made.status == 200)
        }
    }

    @Test func `an asset of nobody, of another key, or of another type is refused`() async throws {
        try await withSandbox { sandbox in
            let asset = try await sandbox.stored("image", "a.png")
            let unknown = try await sandbox.create(["text": "a", "mediaType": "image", "assetUrn": "urn:li:none"])
            let foreign = try await sandbox.create(asset.post(), key: "pb_live_sandbox")
            var video = asset.post(["title": "Plan"])
            video["mediaType"] = "document"
            let other = try await sandbox.create(video)

            #expect([unknown, foreign, other].map(\.status) == [400, 400, 400])
            #expect(unknown.json["code"] == "ASSET_NOT_FOUND")
            #expect(foreign.json["code"] == "ASSET_NOT_FOUND")
            #expect(other.json["code"] == "MEDIA_TYPE_MISMATCH")
            #expect(sandbox.page.posts.isEmpty)
        }
    }

    static let broken: [(JSONValue, String)] = [
        (["mediaType": "none"], "text"),
        (["text": ""], "text"),
        (["text": .string(String(repeating: "a", count: 3001))], "text"),
        (["text": "a", "mediaType": "gif", "assetUrn": "urn:li:a"], "mediaType"),
        (["text": "a", "visibility": "NOBODY"], "visibility"),
        (["text": "a", "accountId": 7], "accountId"),
        (["text": "a", "mediaType": "image"], "assetUrn"),
        (["text": "a", "assetUrn": "urn:li:a"], "mediaType"),
        (["text": "a", "mediaType": "video", "assetUrn": "urn:li:a"], "recipes"),
        (["text": "a", "mediaType": "video", "assetUrn": "urn:li:a", "recipes": []], "recipes"),
        (["text": "a", "mediaType": "document", "assetUrn": "urn:li:a", "recipes": ["r"]], "title"),
        (["text": "a", "mediaType": "image", "assetUrns": [["assetUrn": "urn:li:a"]]], "assetUrns"),
        (
            [
                "text": "a", "mediaType": "video", "recipes": ["r"],
                "assetUrns": [["assetUrn": "a"], ["assetUrn": "b"]],
            ],
            "assetUrns"
        ),
    ]

    @Test(arguments: broken)
    func `a broken rule is a ZodError with the field's path`(body: JSONValue, field: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.call(
                "POST",
                sandbox.addresses.connectSafely + "/posts/create",
                body,
                key: "cs_sandbox"
            )

            #expect(reply.status == 400)
            #expect(reply.json["error"]?["name"] == "ZodError")
            #expect(reply.json["error"]?["issues"]?.array?.map { $0["path"] } == [[.string(field)]])
        }
    }

    @Test func `recipes of another asset are refused`() async throws {
        try await withSandbox { sandbox in
            let asset = try await sandbox.stored("video", "a.mp4")
            var body = asset.post()
            body["recipes"] = ["feedshare-document"]

            let reply = try await sandbox.create(body)
            #expect(reply.json["code"] == "INVALID_RECIPES")
        }
    }

    @Test func `a company page's post of a person's asset is answered with success, and is no post`() async throws {
        try await withSandbox { sandbox in
            let company: [String: JSONValue] = ["companyUrn": "urn:li:fsd_company:1"]
            let own = try await sandbox.stored("image", "a.png")
            let pages = try await sandbox.stored("image", "a.png", company)

            let silent = try await sandbox.create(own.post(company))
            let made = try await sandbox.create(pages.post(company))

            #expect(silent.status == 200)
            #expect(silent.json["success"] == true)
            #expect(silent.json["shareUrn"] == nil)
            #expect(made.json["companyUrn"] == "urn:li:fsd_company:1")
            #expect(sandbox.page.posts.map(\.assets) == [[pages.urn]])
        }
    }

    @Test func `a post is a write of its account`() async throws {
        try await withSandbox { sandbox in
            var seen: [Int] = []
            for _ in 0..<16 { seen.append(try await sandbox.create(["text": "a", "accountId": "a"]).status) }
            let other = try await sandbox.create(["text": "a", "accountId": "b"])
            let stranger = try await sandbox.create(["text": "a"], key: "cs_other")

            #expect(seen == Array(repeating: 200, count: 15) + [429])
            #expect(other.status == 200)
            #expect(stranger.status == 401)
        }
    }
}

/// An upload that was asked for: what a post of it names.
private struct StartedAsset {
    let urn: String
    let type: String
    let recipes: JSONValue

    init(_ answer: JSONValue, type: String) {
        urn = answer["assetUrn"]?.string ?? ""
        recipes = answer["recipes"] ?? []
        self.type = type
    }

    /// A post of it, with more fields.
    func post(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        let body: [String: JSONValue] = [
            "text": "Hello", "mediaType": .string(type), "assetUrn": .string(urn), "recipes": recipes,
        ]
        return body.merging(more) { _, new in new }
    }
}

extension RunningSandbox {
    fileprivate func create(_ body: [String: JSONValue], key: String = "cs_sandbox") async throws -> Reply {
        try await call("POST", addresses.connectSafely + "/posts/create", .object(body), key: key)
    }

    /// An upload of three bytes that has arrived.
    fileprivate func stored(_ type: String, _ name: String, _ more: [String: JSONValue] = [:]) async throws
        -> StartedAsset
    {
        var body: [String: JSONValue] = ["mediaType": .string(type), "fileSize": 3, "filename": .string(name)]
        body.merge(more) { _, new in new }
        let ask = try await start(.object(body))
        var headers: [(String, String)] = []
        if case .object(let fields)? = ask.json["uploadHeaders"] {
            headers = fields.compactMap { name, value in value.string.map { (name, $0) } }
        }
        _ = try await send("PUT", ask.json["uploadUrl"]?.string ?? "", headers: headers, body: .bytes([1, 2, 3]))
        return StartedAsset(ask.json, type: type)
    }
}
