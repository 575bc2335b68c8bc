import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// A writer that rewrites a file while its bytes go up: what counts is always one whole version, and in the end the
    /// last one.
    struct RewriteTests {
        /// How a version is put in place of the one before.
        enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
            case pwrite = "written in place"
            case truncate = "truncated and written anew"
            case rename = "renamed over it"
            case mapping = "written through a mapping, with the times put back"

            var testDescription: String { rawValue }
        }

        /// Of more parts than are held in memory at a time.
        private static let size = 24 << 20
        private static let versions = (0..<3).map { Version(number: $0, size: size) }

        @Test(.timeLimit(.minutes(5)), arguments: Way.allCases, ["main", "linkedin"])
        func `a file that is rewritten while it goes up never counts with mixed bytes`(way: Way, account: String)
            async throws
        {
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                // A PUT waits before its body is taken, so that most of it has not been read when the writer comes.
                bench.sandbox.weather.latency = .milliseconds(400)
                try await bench.withDaemon { daemon in
                    try bench.write(Self.versions[0].bytes, to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    try await rewrite(Self.versions[1], way, in: bench, daemon, afterReading: 2 << 20)
                    // More than is read on before the change is seen.
                    try await rewrite(Self.versions[2], way, in: bench, daemon, afterReading: 4 << 20)
                    try await bench.waitForEntry("inbox/a.mp4") { $0.sha256 == Self.versions[2].sha256 }
                }

                try expectWholeVersions(in: bench)
            }
        }

        /// Puts a version in place once the daemon has read so many bytes more.
        private func rewrite(
            _ version: Version,
            _ way: Way,
            in bench: Bench,
            _ daemon: RunningProcess,
            afterReading count: Int
        ) async throws {
            let before = try daemon.bytesRead()
            try await wait(for: "\(count) bytes read") { try daemon.bytesRead() > before + count }
            try replace("inbox/a.mp4", with: version, way, in: bench)
        }

        /// Whatever an entry ever said was one version, and what the sandbox has of that asset.
        private func expectWholeVersions(in bench: Bench) throws {
            let assets = bench.page.assets.filter { $0.isComplete }
            let whole = Self.versions.map(\.sha256)
            let told = try bench.journal().filter { $0.event == "uploaded" }
            for line in told {
                #expect(whole.contains(line.sha256 ?? ""), "an entry has mixed bytes")
                let asset = assets.first { $0.id == line.assetUrn ?? line.mediaId }
                #expect(asset?.sha256 == line.sha256, "other bytes went up than were recorded")
            }
            #expect(told.last?.sha256 == whole.last)
            let entry = try bench.manifest()?.entries[bench.path("inbox/a.mp4").string]
            #expect(entry?.sha256 == whole.last && entry?.bytes == Self.size)
        }
    }
}

/// One whole version of a file.
private struct Version: Sendable {
    let bytes: [UInt8]
    let sha256: String

    /// Each differs from the others in every block.
    init(number: Int, size: Int) {
        var bytes = Media.mp4(bytes: size, number: number)
        for place in stride(from: 4096, to: size, by: 512) { bytes[place] = UInt8(number) }
        self.bytes = bytes
        sha256 = Media.sha256(bytes)
    }
}

/// Puts a version in place, bit by bit, so that the reader meets it half done.
private func replace(_ name: String, with version: Version, _ way: EndToEnd.RewriteTests.Way, in bench: Bench) throws {
    let path = bench.path(name).string
    switch way {
    case .pwrite:
        try inPlace(path) { try write(version.bytes, to: $0) }
    case .truncate:
        try inPlace(path) { file in
            guard ftruncate(file, 0) == 0 else { throw Errno(rawValue: errno) }
            try write(version.bytes, to: file)
        }
    case .rename:
        try bench.write(version.bytes, to: "next.mp4")
        try bench.move("next.mp4", to: name)
    case .mapping:
        try inPlace(path) { file in
            var before = stat()
            guard fstat(file, &before) == 0 else { throw Errno(rawValue: errno) }
            guard let map = mmap(nil, version.bytes.count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
                map != MAP_FAILED
            else { throw Errno(rawValue: errno) }
            version.bytes.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(start: map, count: bytes.count).copyMemory(from: bytes)
            }
            guard msync(map, version.bytes.count, MS_SYNC) == 0, munmap(map, version.bytes.count) == 0 else {
                throw Errno(rawValue: errno)
            }
            // The size and the times that people see are as before; only the ctime tells.
            var times = [before.st_atim, before.st_mtim]
            guard futimens(file, &times) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}

private func inPlace(_ path: String, _ work: (Int32) throws -> Void) throws {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw Errno(rawValue: errno) }
    defer { close(file) }
    try work(file)
}

/// In blocks, each where it belongs.
private func write(_ bytes: [UInt8], to file: Int32) throws {
    let block = 256 << 10
    for start in stride(from: 0, to: bytes.count, by: block) {
        let count = min(block, bytes.count - start)
        let written = bytes.withUnsafeBytes { bytes in
            pwrite(file, bytes.baseAddress.map { $0 + start }, count, off_t(start))
        }
        guard written == count else { throw Errno(rawValue: errno) }
    }
}
