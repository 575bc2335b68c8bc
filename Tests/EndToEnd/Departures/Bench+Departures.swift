import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension Bench {
    /// The contents at the provider, by their digests.
    var stored: Set<String> { Set(page.assets.filter(\.isComplete).compactMap(\.sha256)) }

    /// Waits until these bytes are at the provider.
    func waitUntilStored(_ content: [UInt8], _ what: String) async throws {
        let digest = Media.sha256(content)
        try await wait(for: what, until: { stored.contains(digest) }) {
            (try? String(contentsOfFile: path("daemon.log").string, encoding: .utf8)) ?? "no log"
        }
    }

    /// Has the daemon read the configuration again, and waits until it watches by that.
    func reload(_ folders: [Folder], _ daemon: RunningProcess) async throws {
        let before = daemon.lines(" watching")
        try configure(folders)
        try daemon.send(SIGHUP)
        try await daemon.waitForLog(" watching", times: before + 1)
    }

    /// All that lies beneath a directory of the bench, hidden files included, sorted.
    func files(beneath name: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path(name).string).sorted()
    }

    /// Opens a file for appending, as a writer that goes on.
    func openForAppending(_ name: String) throws -> FileDescriptor {
        try FileDescriptor.open(path(name), .writeOnly, options: .append)
    }

    func waitUntilGone(_ name: String) async throws {
        try await waitForManifest("\(name) to leave") { $0.entries[path(name).string]?.present == false }
        #expect(!exists(name))
    }
}
