import AsyncHTTPClient
import FoundationEssentials
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct ConnectSafelyAPITests {
    @Test func `a single upload has one URL, answers 201 and comes back by its URN`() async throws {
        try await withSandbox { sandbox in
            let ask = try await sandbox.start(["mediaType": "image", "fileSize": 3, "filename": "a.GIF"])
            let url = ask.json["uploadUrl"]?.string ?? ""
            let put = try await sandbox.send(
                "PUT",
                url,
                headers: [("media-type-family", "STILLIMAGE"), ("Content-Type", "image/gif")],
                body: .bytes([1, 2, 3])
            )
            let asset = try #require(sandbox.page.assets.first)
            let back = try await sandbox.send("GET", sandbox.addresses.storage + asset.address)

            #expect(ask.status == 200)
            #expect(ask.json["success"] == true)
            #expect(ask.json["uploadType"] == "SINGLE")
            #expect(ask.json["assetUrn"]?.string?.hasPrefix("urn:li:digitalmediaAsset:") == true)
            #expect(ask.json["recipes"]?.array?.isEmpty == false)
            #expect(ask.json["uploadHeaders"] == ["media-type-family": "STILLIMAGE"])
            #expect(ask.json["partUploadRequests"] == [])
            #expect(put.status == 201)
            #expect(asset.kind == .gif)
            #expect(back.body == [1, 2, 3])
        }
    }

    static let broken: [(JSONValue, String)] = [
        (["mediaType": "default", "fileSize": 3, "filename": "a.png"], "mediaType"),
        (["mediaType": "image", "fileSize": 0, "filename": "a.png"], "fileSize"),
        (["mediaType": "image", "fileSize": "3", "filename": "a.png"], "fileSize"),
        (["mediaType": "image", "fileSize": 3, "filename": "png"], "filename"),
        (["mediaType": "image", "fileSize": 3, "filename": "a.mp4"], "filename"),
        (["mediaType": "document", "fileSize": 3, "filename": ".pdf"], "filename"),
        (["mediaType": "video", "fileSize": 3, "filename": "a.mp4", "accountId": 7], "accountId"),
    ]

    @Test(arguments: broken)
    func `a broken rule is a ZodError with the field's path`(body: JSONValue, field: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.start(body)

            #expect(reply.status == 400)
            #expect(reply.json["success"] == false)
            #expect(reply.json["error"]?["name"] == "ZodError")
            #expect(reply.json["error"]?["issues"]?.array?.first?["path"] == [.string(field)])
        }
    }

    @Test func `a file over LinkedIn's cap is refused in words`() async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.start(["mediaType": "video", "fileSize": 500_000_001, "filename": "a.mp4"])

            #expect(reply.status == 400)
            #expect(reply.json["code"] == "FILE_TOO_LARGE")
            #expect(reply.json["message"]?.string?.contains("500000000") == true)
        }
    }

    @Test func `without a known bearer the answer is 401 with an error`() async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.start(["mediaType": "image", "fileSize": 3, "filename": "a.png"], key: nil)

            #expect(reply.status == 401)
            #expect(reply.json["error"]?.string?.isEmpty == false)
        }
    }

    @Test func `the sixteenth write of an account in a minute is 429, another account goes on`() async throws {
        try await withSandbox { sandbox in
            func ask(_ account: JSONValue) async throws -> Reply {
                try await sandbox.start(
                    ["mediaType": "image", "fileSize": 3, "filename": "a.png", "accountId": account]
                )
            }
            for _ in 0..<15 {
                let reply = try await ask("a")
                #expect(reply.status == 200)
            }

            let refused = try await ask("a")
            let other = try await ask("b")
            sandbox.clock.advance(by: .seconds(60))
            let later = try await ask("a")

            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "60")
            #expect(refused.headers["x-ratelimit-reset"] == "2027-01-15T08:01:00Z")
            #expect(refused.json["holdUntil"] == "2027-01-15T08:01:00Z")
            #expect(other.status == 200)
            #expect(later.status == 200)
        }
    }

    @Test func `sixty calls of a key in a minute are the end, whatever the account`() async throws {
        try await withSandbox({ $0.connectSafelyWriteRates = [] }) { sandbox in
            let url = sandbox.addresses.connectSafely + "/posts/upload/document-status?assetUrn=none"
            for _ in 0..<60 {
                let reply = try await sandbox.call("GET", url, key: "cs_sandbox")
                #expect(reply.status == 404)
            }
            let refused = try await sandbox.call("GET", url, key: "cs_sandbox")

            #expect(refused.status == 429)
        }
    }

    @Test func `a document waits for its bytes, is processed, and is ready`() async throws {
        try await withSandbox({ $0.weather.documentsProcessFor = .seconds(10) }) { sandbox in
            let ask = try await sandbox.start(["mediaType": "document", "fileSize": 3, "filename": "a.pdf"])
            let urn = ask.json["assetUrn"]?.string?.replacing(":", with: "%3A") ?? ""
            let url = sandbox.addresses.connectSafely + "/posts/upload/document-status?assetUrn=\(urn)&accountId=x"
            var seen = [try await sandbox.call("GET", url, key: "cs_sandbox").json]
            _ = try await sandbox.send("PUT", ask.json["uploadUrl"]?.string ?? "", body: .bytes([1, 2, 3]))
            seen.append(try await sandbox.call("GET", url, key: "cs_sandbox").json)
            sandbox.clock.advance(by: .seconds(10))
            seen.append(try await sandbox.call("GET", url, key: "cs_sandbox").json)

            #expect(seen.map { $0["status"]?.string } == ["WAITING_UPLOAD", "PROCESSING", "READY"])
            #expect(seen.map { $0["ready"] } == [false, false, true])
        }
    }
}
