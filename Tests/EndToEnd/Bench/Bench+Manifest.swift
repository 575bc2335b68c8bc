import Foundation
import Sandbox
import SystemPackage
import Testing

extension Bench {
    /// The present manifest. Nil if there is none; throws if it is not whole.
    func manifest() throws -> Manifest? {
        guard let data = FileManager.default.contents(atPath: manifestFile.string) else { return nil }
        return try JSONDecoder().decode(Manifest.self, from: data)
    }

    /// The journal's lines. Throws if one of them does not parse.
    func journal() throws -> [JournalLine] {
        let text = String(decoding: try read(journalFile), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(JournalLine.self, from: Data($0.utf8)) }
    }

    /// Waits until the manifest fulfils `condition`.
    @discardableResult
    func waitForManifest(_ what: String, until condition: (Manifest) -> Bool) async throws -> Manifest {
        var latest: Manifest?
        try await wait(for: what) {
            latest = try manifest()
            return latest.map(condition) ?? false
        } state: {
            let text = (try? String(contentsOfFile: manifestFile.string, encoding: .utf8)) ?? "no manifest"
            let log = (try? String(contentsOfFile: path("daemon.log").string, encoding: .utf8)) ?? "no log"
            return "\(text.prefix(4000))\n\(log.suffix(8000))"
        }
        return try #require(latest)
    }

    /// Waits until a file has an entry and is present.
    @discardableResult
    func waitForEntry(_ name: String, where condition: (Manifest.Entry) -> Bool = { _ in true }) async throws
        -> Manifest.Entry
    {
        let key = path(name).string
        let manifest = try await waitForManifest("an entry for \(name)") { manifest in
            manifest.entries[key].map { $0.present && condition($0) } ?? false
        }
        return try #require(manifest.entries[key])
    }

    @discardableResult
    func waitForRejection(_ name: String) async throws -> Manifest.Rejected {
        let key = path(name).string
        let manifest = try await waitForManifest("a rejection of \(name)") { $0.rejected[key] != nil }
        return try #require(manifest.rejected[key])
    }

    /// Expects that a file went up once and whole. Its entry must fit, and the journal must show one upload.
    func expectUploadedOnce(
        _ name: String,
        _ content: [UInt8],
        kind: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let manifest = try #require(try manifest(), sourceLocation: sourceLocation)
        let entry = try #require(manifest.entries[path(name).string], sourceLocation: sourceLocation)
        let asset = try #require(page.assets.first { $0.id == entry.id }, sourceLocation: sourceLocation)
        let file = try #require(asset.file, "the asset has no bytes", sourceLocation: sourceLocation)
        let arrived = try read(FilePath(file))

        #expect(arrived == content, "other bytes arrived", sourceLocation: sourceLocation)
        #expect(entry.bytes == content.count, sourceLocation: sourceLocation)
        #expect(entry.kind == kind, sourceLocation: sourceLocation)
        #expect(entry.sha256 == asset.sha256, sourceLocation: sourceLocation)
        let same = page.assets.filter { $0.sha256 == asset.sha256 }
        #expect(same.count == 1, "it went up \(same.count) times", sourceLocation: sourceLocation)
        let events = try journal().filter { $0.path == path(name).string && $0.event == "uploaded" }
        #expect(events.count == 1, "the journal tells it \(events.count) times", sourceLocation: sourceLocation)
    }
}
