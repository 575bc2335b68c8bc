import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct PostbreezeAPITests {
    @Test func `a presigned file goes up and comes back from its public URL byte for byte`() async throws {
        try await withSandbox { sandbox in
            let bytes = sampleBytes(70_000)

            let ticket = try await sandbox.pngTicket(bytes: bytes.count)
            let before = try await sandbox.send("GET", ticket.publicURL)
            let put = try await sandbox.putPNG(ticket, bytes)
            let after = try await sandbox.send("GET", ticket.publicURL)

            #expect(before.status == 404)
            #expect(put.status == 200)
            #expect(put.headers["etag"]?.hasPrefix("\"") == true)
            #expect(after.status == 200)
            #expect(after.headers["content-type"] == "image/png")
            #expect(after.body == bytes)
        }
    }

    @Test func `presign answers 201 with every documented field`() async throws {
        try await withSandbox { sandbox in
            let url = sandbox.addresses.postbreeze + "/media/presign?workspaceId=w1"
            let reply = try await sandbox.call(
                "POST",
                url,
                ["filename": "a/b\\c.mp4", "contentType": "video/mp4", "bytes": 10, "folderId": "f1"]
            )

            #expect(reply.status == 201)
            #expect(reply.json["uploadUrl"]?.string?.hasPrefix(sandbox.addresses.storage) == true)
            #expect(reply.json["publicUrl"]?.string?.hasPrefix(sandbox.addresses.storage) == true)
            #expect(reply.json["expiresAt"] == "2027-01-15T08:15:00Z")
            #expect(reply.json["headers"] == ["Content-Type": "video/mp4"])
            let media = reply.json["mediaAsset"]
            #expect(media?["id"]?.string?.hasPrefix("med_") == true)
            #expect(media?["kind"] == "VIDEO")
            #expect(media?["mimeType"] == "video/mp4")
            #expect(media?["bytes"] == 10)
            #expect(media?["folderId"] == "f1")
            #expect(media?["normalizationStatus"] == "SKIPPED")
            #expect(sandbox.page.assets.first?.name == "abc.mp4")
        }
    }

    @Test(arguments: [
        ("image/gif", "GIF"), ("image/heic", "IMAGE"), ("video/quicktime", "VIDEO"), ("application/pdf", "DOCUMENT"),
    ])
    func `a content type has its kind`(type: String, kind: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.presign(["filename": "a", "contentType": .string(type)])

            #expect(reply.json["mediaAsset"]?["kind"]?.string == kind)
            #expect(reply.json["mediaAsset"]?["bytes"] == 0)
        }
    }

    static let broken: [(JSONValue, String)] = [
        (["contentType": "image/png"], "filename"),
        (["filename": "", "contentType": "image/png"], "filename"),
        (["filename": .string(String(repeating: "a", count: 256)), "contentType": "image/png"], "filename"),
        (["filename": "a.mkv", "contentType": "video/x-matroska"], "contentType"),
        (["filename": "a", "contentType": "image/png", "bytes": 0], "bytes"),
        (["filename": "a", "contentType": "image/png", "bytes": "7"], "bytes"),
        (["filename": "a", "contentType": "application/pdf", "bytes": 100_000_001], "bytes"),
        (
            ["filename": "a", "contentType": "image/png", "folderId": .string(String(repeating: "f", count: 65))],
            "folderId"
        ),
        ("no object", "body"),
    ]

    @Test(arguments: broken)
    func `a broken rule is VALIDATION_FAILED and names the field`(body: JSONValue, field: String) async throws {
        try await withSandbox { sandbox in
            let reply = try await sandbox.presign(body)

            #expect(reply.status == 400)
            #expect(reply.json["statusCode"] == 400)
            #expect(reply.json["code"] == "VALIDATION_FAILED")
            #expect(reply.json["requestId"]?.string?.isEmpty == false)
            #expect(reply.json["message"]?.array?.contains { $0.string?.contains(field) == true } == true)
            #expect(sandbox.page.assets.isEmpty)
        }
    }

    @Test func `without a known bearer the answer is 401 and names no code`() async throws {
        try await withSandbox { sandbox in
            for key in [nil, "pb_live_other"] {
                let reply = try await sandbox.presign(["filename": "a", "contentType": "image/png"], key: key)

                #expect(reply.status == 401)
                #expect(reply.json["statusCode"] == 401)
                #expect(reply.json["code"] == nil)
            }
            #expect(sandbox.page.calls.map(\.key) == [nil, nil])
        }
    }

    @Test func `a full account is told its limit and what it has`() async throws {
        try await withSandbox({ $0.quota = 100 }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 60)
            _ = try await sandbox.putPNG(ticket, sampleBytes(60))

            let fits = try await sandbox.presign(["filename": "a", "contentType": "image/png", "bytes": 40])
            let refused = try await sandbox.presign(["filename": "a", "contentType": "image/png", "bytes": 41])

            #expect(fits.status == 201)
            #expect(refused.status == 403)
            #expect(refused.json["code"] == "STORAGE_LIMIT")
            #expect(refused.json["limit"] == 100)
            #expect(refused.json["current"] == 60)
        }
    }

    @Test func `the sixty-first call of a minute is 429 and tells how long to wait`() async throws {
        try await withSandbox { sandbox in
            for _ in 0..<60 {
                let reply = try await sandbox.presign(["filename": "a", "contentType": "image/png"])
                #expect(reply.status == 201)
            }
            sandbox.clock.advance(by: .seconds(20))
            let refused = try await sandbox.presign(["filename": "a", "contentType": "image/png"])
            let other = try await sandbox.presign(["filename": "a", "contentType": "image/png"], key: "cs_sandbox")
            sandbox.clock.advance(by: .seconds(40))
            let later = try await sandbox.presign(["filename": "a", "contentType": "image/png"])

            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "40")
            #expect(refused.json["retryAfterMs"] == 40_000)
            #expect(other.status == 201)
            #expect(later.status == 201)
        }
    }

    @Test func `an image is pending, processing and done in turn, for its own key alone`() async throws {
        try await withSandbox({ $0.weather.normaliseImagesFor = .seconds(10) }) { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let url = sandbox.addresses.postbreeze + "/media/" + ticket.id
            var seen = [try await sandbox.call("GET", url).json["normalizationStatus"]?.string]
            sandbox.clock.advance(by: .seconds(20))
            _ = try await sandbox.putPNG(ticket, [1, 2, 3])
            for pause in [4.9, 0.1, 4.9, 0.1] {
                sandbox.clock.advance(by: .seconds(pause))
                seen.append(try await sandbox.call("GET", url).json["normalizationStatus"]?.string)
            }
            let foreign = try await sandbox.call("GET", url, key: "cs_sandbox")

            #expect(seen == ["PENDING", "PENDING", "PROCESSING", "PROCESSING", "DONE"])
            #expect(foreign.status == 404)
        }
    }
}
