import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// Random changes to watched folders, as people make them, and the expected result.
///
/// Each written file has bytes of its own; only copies share them.
struct CrashHand {
    var random: SeededGenerator
    /// The files on disk, by their names beneath the bench.
    private(set) var files: [String: [UInt8]] = [:]
    private(set) var written = 0
    private let bench: Bench
    private let folders: [String]

    init(bench: Bench, folders: [String]) {
        self.bench = bench
        self.folders = folders
        random = SeededGenerator()
    }

    var seed: UInt64 { random.seed }

    /// Random weather: fine as often as not, else with one trouble.
    ///
    /// URLs always live. If one expired between a crash and the next start, nobody could tell whether the bytes had
    /// arrived.
    mutating func weather() -> Weather {
        var weather = Weather()
        switch Int.random(in: 0..<10, using: &random) {
        case 0: weather.failEveryNthPut = 3
        case 1: weather.resetMidBodyEveryNthPut = 3
        case 2: weather.loseAnswerEveryNthPut = 3
        case 3: weather.loseAnswerEveryNthCall = 5
        case 4: weather.latency = .milliseconds(150)
        default: break
        }
        return weather
    }

    /// Makes one random change to one file.
    mutating func act() throws {
        let known = files.keys.sorted()
        let chosen = known.randomElement(using: &random)
        switch (Int.random(in: 0..<13, using: &random), chosen) {
        case (0, let name?):
            try bench.remove(name)
            files[name] = nil
        case (1...2, let name?):
            let target = newName(like: name)
            try bench.move(name, to: target)
            files[target] = files.removeValue(forKey: name)
        case (3, let name?):
            let copy = newName(like: name)
            let content = files[name] ?? []
            files[copy] = content
            try bench.write(content, to: copy)
        case (4, let name?):
            let content = content(like: name)
            files[name] = content
            try bench.write(content, to: name)
        case (5, let name?):
            let content = content(like: name)
            let folder = name.split(separator: "/")[0]
            try bench.write(content, to: "\(folder)/.new")
            try bench.move("\(folder)/.new", to: name)
            files[name] = content
        case (6, let name?):
            _ = bench.path(name).withPlatformString { chmod($0, mode_t.random(in: 0...1, using: &random) * 4 + 0o640) }
        case (7, let name?): try bench.touch(name)
        default:
            let name = newName(like: ["a.jpg", "b.pdf", "c.mp4"].randomElement(using: &random) ?? "a.jpg")
            let content = content(like: name)
            files[name] = content
            try bench.write(content, to: name)
        }
    }

    /// Waits until the manifest shows the files on disk, and nothing else as present.
    func waitForManifest() async throws {
        let wanted = Dictionary(uniqueKeysWithValues: files.map { (bench.path($0).string, Media.sha256($1)) })
        try await bench.waitForManifest("what is on disk (seed \(seed))") { manifest in
            manifest.entries.filter(\.value.present).mapValues(\.sha256) == wanted
        }
    }

    /// Expects an asset of the very bytes for each file. No bytes may be at a provider twice, and nothing rejected.
    func expectAllUploadedOnce() throws {
        let manifest = try #require(try bench.manifest())
        let assets = Dictionary(bench.page.assets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, content) in files {
            let entry = try #require(manifest.entries[bench.path(name).string], "\(name), seed \(seed)")
            let asset = try #require(entry.id.flatMap { assets[$0] }, "\(name), seed \(seed)")
            let file = try #require(asset.file, "\(name) has an asset without bytes, seed \(seed)")
            #expect(try bench.read(FilePath(file)) == content, "\(name) went up with other bytes, seed \(seed)")
            #expect(asset.sha256 == entry.sha256, "\(name), seed \(seed)")
            let same = bench.page.assets.filter { $0.sha256 == asset.sha256 && $0.provider == asset.provider }
            #expect(
                same.count <= 1,
                "\(name) is at the provider \(same.count) times, seed \(seed): \(tale(of: same))"
            )
        }
        #expect(manifest.rejected.isEmpty, "seed \(seed)")
    }

    /// The history of assets, for the reader of a failure: names, times of *ask*, and PUTs with times.
    private func tale(of assets: [SandboxPage.Asset]) -> String {
        assets.map { asset in
            let puts = bench.page.puts.filter { $0.asset == asset.id }
            let told = puts.map { "PUT \($0.part ?? 1) at \($0.at.timeIntervalSince1970) \($0.status ?? 0)" }
            return "\(asset.name) asked at \(asset.at.timeIntervalSince1970), \(told.joined(separator: ", "))"
        }
        .joined(separator: "; ")
    }

    private mutating func newName(like name: String) -> String {
        written += 1
        let folder = name.contains("/") ? String(name.split(separator: "/")[0]) : folders.randomElement(using: &random)
        return "\(folder ?? folders[0])/\(written).\(name.split(separator: ".").last ?? "jpg")"
    }

    private mutating func content(like name: String) -> [UInt8] {
        written += 1
        switch name.split(separator: ".").last {
        case "pdf": return Media.pdf(written)
        case "mp4":
            // Some go in parts, most in one piece.
            let bytes = Int.random(in: 0..<4, using: &random) == 0 ? 9 << 20 : 200_000
            return Media.mp4(bytes: bytes, number: written)
        default: return Media.jpeg(written)
        }
    }
}
