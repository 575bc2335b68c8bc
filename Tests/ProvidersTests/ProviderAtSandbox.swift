import FoundationEssentials
import Logging
import Pipeline
import Sandbox
import ServiceLifecycle
import Testing

@testable import Providers

/// A provider whose API is a sandbox of its own.
struct ProviderAtSandbox: Sendable {
    let kind: ProviderKind
    let provider: any Provider
    let sandbox: Sandbox
    let directory: String

    /// Runs `body` beside a sandbox on free ports, without rate limits, in a directory that is removed afterwards.
    static func run(
        _ kind: ProviderKind,
        key: String? = nil,
        timeouts: TransferTimeouts = TransferTimeouts(),
        uploadHosts: [UploadHost] = [],
        configure: (inout SandboxConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ProviderAtSandbox) async throws -> Void
    ) async throws {
        let directory = "/tmp/outtray-providers-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = SandboxConfiguration(directory: directory)
        configuration.postbreezePort = 0
        configuration.connectSafelyPort = 0
        configuration.storagePort = 0
        configuration.removeRateLimits()
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sandbox = Sandbox(configuration, logger: logger)
        let services = ServiceGroup(configuration: .init(services: [sandbox], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result = await Result {
                let addresses = try await sandbox.addresses()
                try await withTransfer { transfer in
                    var connection = connection(of: kind, at: addresses, key: key, timeouts: timeouts)
                    connection.uploadHosts = uploadHosts
                    let provider = kind.make(
                        connection,
                        ["account_id": "696ce9e780e0483585e4e553"],
                        transfer: transfer
                    )
                    try await body(
                        ProviderAtSandbox(kind: kind, provider: provider, sandbox: sandbox, directory: directory)
                    )
                }
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }

    private static func connection(
        of kind: ProviderKind,
        at addresses: SandboxAddresses,
        key: String?,
        timeouts: TransferTimeouts
    ) -> ConnectionSettings {
        let isPostbreeze = kind == .postbreeze
        return ConnectionSettings(
            baseURL: isPostbreeze ? addresses.postbreeze : addresses.connectSafely,
            key: Secret(key ?? (isPostbreeze ? "pb_live_sandbox" : "cs_sandbox")),
            timeouts: timeouts
        )
    }

    /// The sample as Classify would hand it on.
    func file(_ sample: SampleFile, size: Int64? = nil) -> MediaFile {
        let types: [String: (MIMEType, MediaKind)] = [
            "jpg": (.jpeg, .image), "jpeg": (.jpeg, .image), "png": (.png, .image), "gif": (.gif, .gif),
            "webp": (.webp, .image),
            "heic": (.heic, .image), "heif": (.heif, .image), "mp4": (.mp4, .video), "mov": (.quickTime, .video),
            "avi": (.avi, .video), "webm": (.webm, .video), "pdf": (.pdf, .document),
        ]
        let ending = sample.name.split(separator: ".").last.map(String.init) ?? ""
        let type = types[ending] ?? (.unknown, .document)
        return sampleFile(size: size ?? Int64(sample.bytes.count), mime: type.0, kind: type.1, name: sample.name)
    }

    func video(size: Int64) -> MediaFile {
        sampleFile(size: size, mime: .mp4, kind: .video, name: "clip.mp4")
    }

    /// Sends a piece of `bytes`, which are the whole file.
    func send(_ piece: Piece, of file: MediaFile, _ bytes: [UInt8]) async throws -> PieceAnswer {
        let part = Array(bytes[Int(piece.range.lowerBound)..<Int(piece.range.upperBound)])
        return try await provider.send(piece, of: file, body: stream(of: part))
    }

    /// All three steps.
    func upload(_ bytes: [UInt8], as file: MediaFile) async throws -> Receipt {
        let ticket = try await provider.ask(for: file)
        var answers: [PieceAnswer] = []
        for piece in ticket.pieces { answers.append(try await send(piece, of: file, bytes)) }
        return try await provider.finish(ticket, answers: answers)
    }

    /// Expects that the sandbox has one asset, complete, with exactly these bytes and the receipt's id.
    func expect(_ bytes: [UInt8], under receipt: Receipt) throws {
        let page = sandbox.books.page
        let asset = try #require(page.assets.first)
        #expect(page.assets.count == 1)
        #expect(asset.isComplete)
        #expect(asset.id == (kind == .postbreeze ? receipt.mediaID : receipt.assetURN))
        let name = try #require(asset.file)
        let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        let stored = try #require(FileManager.default.contents(atPath: path))
        #expect([UInt8](stored) == bytes)
    }
}

/// The value as it is after a way through the ledger.
func written<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}

extension SampleFile {
    static let jpeg = accepted[0]
    static let png = accepted[1]
    static let pdf = accepted[10]
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate init(_ work: () async throws -> Success) async {
        do {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
