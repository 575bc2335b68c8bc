import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import Threads

@testable import Sandbox

/// Wall time that stands still until a test moves it.
final class WallClock: Sendable {
    private let moment = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { moment.withLock { $0 } }

    func advance(by duration: Duration) {
        moment.withLock { $0 = $0.addingTimeInterval(duration.inSeconds) }
    }
}

/// A sandbox on free ports, and a client that does exactly what it is told.
struct RunningSandbox: Sendable {
    let sandbox: Sandbox
    let addresses: SandboxAddresses
    let clock: WallClock
    let client: HTTPClient

    var page: SandboxPage { sandbox.books.page }

    /// Sends one request. Header names and values go out as they are.
    func send(
        _ method: String,
        _ url: String,
        headers: [(String, String)] = [],
        body: HTTPClientRequest.Body? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = body
        let response = try await client.execute(request, timeout: .seconds(30))
        var all = ByteBuffer()
        for try await var chunk in response.body { all.writeBuffer(&chunk) }
        var fields: [String: String] = [:]
        for (name, value) in response.headers { fields[name.lowercased()] = value }
        return Reply(status: Int(response.status.code), headers: fields, body: Array(all.readableBytesView))
    }

    /// Calls an API with JSON and a bearer.
    func call(_ method: String, _ url: String, _ json: JSONValue? = nil, key: String? = "pb_live_sandbox") async throws
        -> Reply
    {
        var headers = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        if json != nil { headers.append(("Content-Type", "application/json")) }
        return try await send(method, url, headers: headers, body: json.map { .bytes(encodedJSON($0)) })
    }

    func presign(_ json: JSONValue, key: String? = "pb_live_sandbox") async throws -> Reply {
        try await call("POST", addresses.postbreeze + "/media/presign", json, key: key)
    }

    func start(_ json: JSONValue, key: String? = "cs_sandbox") async throws -> Reply {
        try await call("POST", addresses.connectSafely + "/posts/upload/init", json, key: key)
    }

    func complete(_ json: JSONValue) async throws -> Reply {
        try await call("POST", addresses.connectSafely + "/posts/upload/complete", json, key: "cs_sandbox")
    }

    /// An upload URL for a PNG of so many bytes.
    func pngTicket(bytes: Int) async throws -> Ticket {
        let reply = try await presign([
            "filename": "a.png", "contentType": "image/png", "bytes": .integer(Int64(bytes)),
        ])
        return Ticket(
            url: reply.json["uploadUrl"]?.string ?? "",
            publicURL: reply.json["publicUrl"]?.string ?? "",
            id: reply.json["mediaAsset"]?["id"]?.string ?? ""
        )
    }

    func putPNG(_ ticket: Ticket, _ bytes: [UInt8]) async throws -> Reply {
        try await send("PUT", ticket.url, headers: [("Content-Type", "image/png")], body: .bytes(bytes))
    }

    func changeWeather(_ json: JSONValue) async throws -> Reply {
        let url = addresses.postbreeze.replacing("/api/v1", with: "/sandbox/weather")
        return try await send("POST", url, body: .bytes(encodedJSON(json)))
    }
}

struct Ticket: Sendable {
    let url: String
    let publicURL: String
    let id: String
}

/// What came back.
struct Reply: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { JSONValue(parsing: body) ?? .null }
    /// The code of an XML error.
    var code: String? {
        text.firstRange(of: "<Code>").flatMap { open in
            text.firstRange(of: "</Code>").map { String(text[open.upperBound..<$0.lowerBound]) }
        }
    }
}

/// Runs a sandbox in a directory of its own for as long as `body` takes.
func withSandbox(
    _ configure: (inout SandboxConfiguration) -> Void = { _ in },
    _ body: (RunningSandbox) async throws -> Void
) async throws {
    let directory = "/tmp/outtray-sandbox-\(randomName(12))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var configuration = SandboxConfiguration(directory: directory)
    configuration.postbreezePort = 0
    configuration.connectSafelyPort = 0
    configuration.storagePort = 0
    configure(&configuration)
    let clock = WallClock()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let sandbox = Sandbox(configuration, logger: logger, now: { clock.now })
    var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
    settings.httpVersion = .http1Only
    let client = HTTPClient(configuration: settings)
    do {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sandbox.run() }
            let addresses = try await sandbox.addresses()
            try await body(RunningSandbox(sandbox: sandbox, addresses: addresses, clock: clock, client: client))
            group.cancelAll()
            // How it ends when it is cancelled is not what these tests are about.
            while let _ = await group.nextResult() {}
        }
    } catch {
        try? await client.shutdown()
        throw error
    }
    try await client.shutdown()
}

/// Bytes that differ from place to place.
func sampleBytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
