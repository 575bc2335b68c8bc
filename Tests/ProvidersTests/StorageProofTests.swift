import Pipeline
import TestSupport
import Testing

@testable import Providers

/// A storage's success has the right shape, or it is none: a file may be removed on the strength of it.
struct StorageProofTests {
    private static let both = [StorageProof.entityTag, .entityTagOrLocationOrNothing]

    private func kind(
        _ proof: StorageProof,
        _ status: Int = 200,
        headers: [(String, String)] = [],
        _ body: String = "",
        isCut: Bool = false
    ) -> ProviderError.Kind? {
        let fields = headers.map { HeaderField($0.0, $0.1) }
        let answer = TransferAnswer(status: status, headers: fields, body: Array(body.utf8), isCut: isCut)
        return proof.objection(to: answer)?.kind
    }

    @Test(arguments: both, [200, 201, 204])
    func `an ETag shows that the bytes are there`(proof: StorageProof, status: Int) {
        #expect(kind(proof, status, headers: [("ETag", "\"9a0364\"")]) == nil)
        #expect(kind(proof, status, headers: [("etag", "/a/b")], "stored") == nil)
    }

    @Test(arguments: [200, 201, 202, 204])
    func `a Location or nothing at all is enough for LinkedIn's storages, not for R2`(status: Int) {
        #expect(kind(.entityTagOrLocationOrNothing, status, headers: [("Location", "/ambry/1")], "ok") == nil)
        #expect(kind(.entityTagOrLocationOrNothing, status) == nil)
        #expect(kind(.entityTag, status, headers: [("Location", "/ambry/1")]) == .outOfOrder)
        #expect(kind(.entityTag, status) == .outOfOrder)
    }

    @Test(arguments: both)
    func `a page shows nothing, whatever headers come with it`(proof: StorageProof) {
        for page in [
            "<html><title>Sign in</title></html>", "<!DOCTYPE html>", "  \n<div>", "<?xml version=\"1.0\"?><a/>",
        ] {
            #expect(kind(proof, headers: [], page) == .outOfOrder)
            #expect(kind(proof, headers: [("etag", "\"5f\""), ("location", "/x")], page) == .outOfOrder)
        }
    }

    @Test(arguments: both)
    func `text without a mark, what cannot be read and an error show nothing`(proof: StorageProof) {
        #expect(kind(proof, headers: [], "OK") == .outOfOrder)
        #expect(kind(proof, headers: [], #"{"ok":true}"#) == .outOfOrder)
        for empty in ["", " ", "\"\"", "W/\"\"", "W/"] {
            #expect(kind(proof, headers: [("etag", empty)], "OK") == .outOfOrder)
        }
        #expect(kind(proof, headers: [("etag", "1"), ("content-encoding", "gzip")], "x") == .outOfOrder)
        #expect(kind(proof, headers: [("etag", "1")], #"{"error":"no"}"#) == .outOfOrder)
        #expect(kind(proof, headers: [("etag", "1")], "<Error><Code>InternalError</Code></Error>") == .unexpectedAnswer)
    }

    @Test(arguments: both, [206, 207])
    func `a part of something is none of a PUT's successes`(proof: StorageProof, status: Int) {
        #expect(kind(proof, status, headers: [("etag", "\"1\"")]) == .outOfOrder)
    }

    @Test(arguments: both)
    func `an answer that breaks off counts by its mark, and passes without one`(proof: StorageProof) {
        #expect(kind(proof, headers: [("etag", "1")], isCut: true) == nil)
        #expect(kind(proof, headers: [], isCut: true) == .transient)
    }

    @Test func `the sentence says what came, and no key`() {
        let answer = TransferAnswer(status: 200, body: Array("<title>Sign in to Hotel</title>".utf8))

        #expect(
            StorageProof.entityTag.objection(to: answer)?.reason
                == "the storage answered 200 with a page: Sign in to Hotel, which does not show that it has the bytes"
        )
    }

    /// Through the wire: half an answer claims a length of 1000.
    @Test(.timeLimit(.minutes(5)))
    func `a claimed body that does not come is no empty one`() async throws {
        let half = Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".utf8)
        try await ScriptedServer.run(.garbage(half)) { server in
            let error = await failure { _ = try await put(stream(of: [1]), to: server) }

            #expect(error?.kind == .transient)
        }
    }

    /// 103 comes before the answer, 101 in place of one.
    @Test(.timeLimit(.minutes(5)))
    func `a hint before the answer is none, and another protocol is no success`() async throws {
        let hints =
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nETag: 1\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.run(.garbage(Array(hints.utf8))) { server in
            let answer = try await put(stream(of: [1]), to: server)
            #expect(answer.status == 200)
        }
        let switching = "HTTP/1.1 101 Switching Protocols\r\nETag: 1\r\nUpgrade: x\r\n\r\n"
        try await ScriptedServer.run(.garbage(Array(switching.utf8))) { server in
            let error = await failure { _ = try await put(stream(of: [1]), to: server) }

            #expect(error != nil)
        }
    }
}
