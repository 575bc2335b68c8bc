import AsyncHTTPClient
import Crypto
import FoundationEssentials
import Logging
import NIOCore
import Testing

@testable import Sandbox

@Suite(.timeLimit(.minutes(5))) struct SandboxBooksTests {
    @Test func `calls, assets, PUTs and files are entered as they were`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            _ = try await sandbox.send("PUT", ticket.url, body: .bytes([1, 2, 3]))
            _ = try await sandbox.putPNG(ticket, [1, 2, 3])
            _ = try await sandbox.call("GET", sandbox.addresses.postbreeze + "/nothing")

            let page = sandbox.page
            let sha = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"
            #expect(page.calls.map(\.route) == ["POST /media/presign", "GET /nothing"])
            #expect(page.calls.map(\.status) == [201, 404])
            #expect(page.calls.map(\.asset) == [ticket.id, nil])
            #expect(page.calls.map(\.key) == ["pb_live_sandbox", "pb_live_sandbox"])
            #expect(page.puts.map(\.status) == [403, 200])
            #expect(page.puts.map(\.receivedBytes) == [0, 3])
            #expect(page.puts.map(\.sha256) == [nil, sha])
            #expect(page.assets.map(\.sha256) == [sha])
            let file = try #require(page.assets.first?.file)
            #expect(try Data(contentsOf: URL(filePath: file)) == Data([1, 2, 3]))
        }
    }

    @Test func `the books are readable from outside, on both API ports, without a key`() async throws {
        try await withSandbox { sandbox in
            let ticket = try await sandbox.pngTicket(bytes: 3)
            let origins = [
                sandbox.addresses.postbreeze.replacing("/api/v1", with: ""),
                sandbox.addresses.connectSafely.replacing("/linkedin", with: ""),
            ]

            for origin in origins {
                let reply = try await sandbox.send("GET", origin + "/sandbox/books")
                let decoder = JSONDecoder()
                decoder.dateDecodingStrategy = .iso8601
                let page = try decoder.decode(SandboxPage.self, from: Data(reply.body))
                #expect(page.assets.map(\.id) == [ticket.id])
                #expect(page.calls.count == 1)
            }
        }
    }

    @Test func `a large body is hashed as it streams and lands whole`() async throws {
        try await withSandbox { sandbox in
            let block = ByteBuffer(bytes: sampleBytes(1 << 20))
            let count = 48
            var hasher = SHA256()
            for _ in 0..<count { hasher.update(data: Data(block.readableBytesView)) }
            let sha = hexadecimal(hasher.finalize())
            let ticket = try await sandbox.pngTicket(bytes: count << 20)
            let blocks = AsyncStream<ByteBuffer> { continuation in
                for _ in 0..<count { continuation.yield(block) }
                continuation.finish()
            }

            let put = try await sandbox.send(
                "PUT",
                ticket.url,
                headers: [("Content-Type", "image/png")],
                body: .stream(blocks, length: .known(Int64(count << 20)))
            )

            #expect(put.status == 200)
            #expect(sandbox.page.puts.first?.sha256 == sha)
            #expect(sandbox.page.assets.first?.bytes == Int64(count << 20))
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct SandboxTests {
    @Test func `a taken port ends the start with the port and the listener`() async throws {
        try await withSandbox { other in
            let port = try #require(other.addresses.storage.split(separator: ":").last.flatMap { Int($0) })
            var configuration = SandboxConfiguration(directory: "/tmp/outtray-sandbox-\(randomName(12))")
            defer { try? FileManager.default.removeItem(atPath: configuration.directory) }
            configuration.postbreezePort = port
            configuration.connectSafelyPort = 0
            configuration.storagePort = 0
            let sandbox = Sandbox(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

            let error = await #expect(throws: SandboxError.self) { try await sandbox.run() }

            #expect(error?.kind == .portTaken(.postbreeze, port: port))
            await #expect(throws: SandboxError.self) { try await sandbox.addresses() }
        }
    }

    @Test func `a directory that cannot be made ends the start`() async throws {
        let configuration = SandboxConfiguration(directory: "/proc/outtray")
        let sandbox = Sandbox(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

        let error = await #expect(throws: SandboxError.self) { try await sandbox.run() }

        #expect(error?.kind == .directory)
    }

    @Test func `a client that used another host name gets URLs under that name`() async throws {
        try await withSandbox { sandbox in
            let api = sandbox.addresses.postbreeze.replacing("127.0.0.1", with: "localhost")
            let reply = try await sandbox.call(
                "POST",
                api + "/media/presign",
                ["filename": "a.png", "contentType": "image/png", "bytes": 3]
            )
            let url = reply.json["uploadUrl"]?.string ?? ""
            let put = try await sandbox.send(
                "PUT",
                url,
                headers: [("Content-Type", "image/png")],
                body: .bytes([1, 2, 3])
            )

            let elsewhere = url.replacing("localhost", with: "127.0.0.1")
            let other = try await sandbox.send(
                "PUT",
                elsewhere,
                headers: [("Content-Type", "image/png")],
                body: .bytes([1, 2, 3])
            )

            #expect(url.hasPrefix("http://localhost:"))
            #expect(other.code == "SignatureDoesNotMatch")
            #expect(put.status == 200)
        }
    }
}
