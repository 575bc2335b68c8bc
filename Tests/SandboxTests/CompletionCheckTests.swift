import AsyncHTTPClient
import FoundationEssentials
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct CompletionCheckTests {
    @Test func `both kinds of assets complete into one file, and completing again changes nothing`() async throws {
        try await withSandbox({
            $0.partSize = 10; $0.multipartThreshold = 10
        }) { sandbox in
            for number in 1...3 {
                let bytes = sampleBytes(25)
                var upload = try await Upload(sandbox, bytes: bytes)
                try await upload.putAll()

                let before = try await upload.back()
                let first = try await sandbox.complete(upload.completion())
                _ = try await upload.put(part: 0, bytes: Array(bytes[..<10]))
                let again = try await sandbox.complete(upload.completion())

                #expect(before.status == 404)
                #expect(first.status == 200)
                #expect(first.json == ["success": true])
                #expect(again.json == ["success": true])
                #expect(try await upload.back().body == bytes)
                #expect(upload.responses.map(\.status) == Array(repeating: number == 2 ? 200 : 201, count: 3))
                #expect(upload.responses.allSatisfy { ($0.headers["etag"] != nil) == (number == 2) })
            }
            #expect(sandbox.page.completions.map(\.repeated) == [false, true, false, true, false, true])
            #expect(sandbox.page.assets.allSatisfy { $0.isComplete && $0.bytes == 25 && $0.parts == 3 })
        }
    }

    @Test func `parts cover the file from 0, and the last may overshoot`() {
        let exact = UploadPlan.split(25, size: 10, overshooting: false)
        let over = UploadPlan.split(25, size: 10, overshooting: true)
        let even = UploadPlan.split(20, size: 10, overshooting: true)

        #expect(exact.map(\.firstByte) == [0, 10, 20])
        #expect(exact.map(\.lastByte) == [9, 19, 24])
        #expect(over.map(\.lastByte) == [9, 19, 29])
        #expect(even.map(\.lastByte) == [9, 19])
    }

    @Test func `images and documents are never asked for in parts`() async throws {
        try await withSandbox { sandbox in
            let image = try await sandbox.start(["mediaType": "image", "fileSize": 9_000_000, "filename": "a.png"])
            let video = try await sandbox.start(["mediaType": "video", "fileSize": 9_000_000, "filename": "a.mp4"])

            #expect(image.json["uploadType"] == "SINGLE")
            #expect(video.json["uploadType"] == "MULTIPART")
            #expect(video.json["uploadUrl"] == .null)
            #expect(video.json["partUploadRequests"]?.array?.count == 3)
        }
    }

    @Test func `a part of another size is 400`() async throws {
        try await withSandbox({
            $0.partSize = 10; $0.multipartThreshold = 10
        }) { sandbox in
            let upload = try await Upload(sandbox, bytes: sampleBytes(25))

            #expect(try await upload.put(part: 2, bytes: sampleBytes(10)).status == 400)
            #expect(try await upload.put(part: 0, bytes: sampleBytes(9)).status == 400)
        }
    }

    @Test func `a completion is refused until every part is there`() async throws {
        try await withSandbox({
            $0.partSize = 10; $0.multipartThreshold = 10
        }) { sandbox in
            var upload = try await Upload(sandbox, bytes: sampleBytes(25))
            try await upload.putAll(but: 1)
            var missing = upload
            missing.responses.remove(at: 1)

            let few = try await sandbox.complete(missing.completion())
            let pretended = try await sandbox.complete(upload.completion())

            for reply in [few, pretended] {
                #expect(reply.status == 400)
                #expect(reply.json["success"] == false)
                #expect(reply.json["code"] == "MISSING_PARTS")
                #expect(reply.json["message"]?.string?.isEmpty == false)
            }
            #expect(sandbox.page.completions.isEmpty)
        }
    }

    @Test func `metadata, statuses, headers and their order have to be the true ones`() async throws {
        try await withSandbox({
            $0.partSize = 10; $0.multipartThreshold = 10
        }) { sandbox in
            var upload = try await Upload(sandbox, bytes: sampleBytes(25))
            try await upload.putAll()
            var status = upload
            status.responses[0].status = 200
            var order = upload
            order.responses.swapAt(0, 1)
            var bare = upload
            bare.responses[2].headers = [:]
            var spelled = upload
            spelled.responses[2].headers["Location"] = "x"
            var metadata = upload
            metadata.metadata = "other"
            var artifact = upload
            artifact.artifact = "urn:li:other"

            let wrong = [status, order, bare, spelled, metadata, artifact]
            var codes: [String?] = []
            for upload in wrong { codes.append(try await sandbox.complete(upload.completion()).json["code"]?.string) }

            let part = "INVALID_PART"
            #expect(codes == [part, part, part, part, "INVALID_METADATA", "UNKNOWN_ARTIFACT"])
            #expect(try await sandbox.complete(upload.completion()).status == 200)
        }
    }
}

/// A multipart upload as a careful client makes it.
private struct Upload {
    struct PartResponse {
        var status: Int
        var headers: [String: String]
    }

    let sandbox: RunningSandbox
    let bytes: [UInt8]
    let urn: String
    let parts: [JSONValue]
    var artifact: String
    var metadata: JSONValue
    var responses: [PartResponse] = []

    init(_ sandbox: RunningSandbox, bytes: [UInt8]) async throws {
        self.sandbox = sandbox
        self.bytes = bytes
        let ask = try await sandbox.start(
            ["mediaType": "video", "fileSize": .integer(Int64(bytes.count)), "filename": "a.mp4"]
        )
        urn = ask.json["assetUrn"]?.string ?? ""
        parts = ask.json["partUploadRequests"]?.array ?? []
        artifact = ask.json["mediaArtifactUrn"]?.string ?? ""
        metadata = ask.json["multipartMetadata"] ?? .null
    }

    func put(part index: Int, bytes: [UInt8]) async throws -> Reply {
        let type = parts[index]["headers"]?["Content-Type"]?.string ?? "application/octet-stream"
        return try await sandbox.send(
            "PUT",
            parts[index]["uploadUrl"]?.string ?? "",
            headers: [("Content-Type", type)],
            body: .bytes(bytes)
        )
    }

    /// Sends the parts; one that is left out is answered for with what its neighbour got.
    mutating func putAll(but omitted: Int? = nil) async throws {
        for (index, part) in parts.enumerated() {
            if index == omitted {
                responses.append(responses[index - 1])
                continue
            }
            let first = Int(part["firstByte"]?.integer ?? 0)
            let last = min(Int(part["lastByte"]?.integer ?? 0), bytes.count - 1)
            let reply = try await put(part: index, bytes: Array(bytes[first...last]))
            responses.append(PartResponse(status: reply.status, headers: reply.headers))
        }
    }

    func completion() -> JSONValue {
        [
            "mediaArtifactUrn": .string(artifact),
            "multipartMetadata": metadata,
            "partUploadResponses": .array(
                responses.map { response in
                    [
                        "httpStatusCode": .integer(Int64(response.status)),
                        "headers": .object(response.headers.mapValues(JSONValue.string)),
                    ]
                }
            ),
        ]
    }

    func back() async throws -> Reply {
        try await sandbox.send("GET", sandbox.addresses.storage + "/assets/" + urn)
    }
}
