import Glibc
import Ledger
import Logging
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

let begin = ManualClock.Instant()

/// A version that differs with `number`.
func version(_ number: Int64, size: Int64 = 10) -> FileVersion {
    FileVersion(device: 1, inode: 2, size: size, modified: number, changed: number)
}

func found(_ path: FilePath, _ number: Int64 = 1) -> FoundFile {
    FoundFile(folder: "inbox", path: path, version: version(number))
}

extension MediaFile {
    /// A file that is on no disk.
    static func sample(_ name: String) -> MediaFile {
        MediaFile(
            folder: "inbox",
            root: "/in",
            path: FilePath("/in/\(name)"),
            version: FileVersion(device: 1, inode: 2, size: 1, modified: 1, changed: 1),
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: name
        )
    }
}

func digest(_ number: UInt8) -> SHA256Digest { SHA256Digest(bytes: Array(repeating: number, count: 32)) }

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

extension TemporaryDirectory {
    /// A file in it as it is now, as Classify hands it on.
    func media(_ name: String, account: String = "main") throws -> MediaFile {
        MediaFile(
            folder: "inbox",
            root: path,
            path: at(name),
            version: try FileStatus.of(at(name)).version,
            account: account,
            mime: .jpeg,
            kind: .image,
            uploadName: name
        )
    }

    func plan(
        name: String = "inbox",
        settle: Duration = .seconds(2),
        renamed: Duration = .milliseconds(250),
        after: AfterUpload = .keep,
        sidecars: [String] = [],
        settleTimes: [(pattern: String, settle: Duration)] = [],
        minAge: Duration = .zero,
        done: DoneSuffix? = nil,
        existing: ExistingFiles = .upload
    ) -> FolderPlan {
        FolderPlan(
            name: name,
            path: path,
            account: "main",
            sidecars: NamePatterns(sidecars),
            settle: settle,
            settleTimes: SettleTimes(settleTimes),
            settleRenamed: renamed,
            minAge: minAge,
            done: done,
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits()),
            afterUpload: after,
            existing: existing
        )
    }
}

/// Bytes that differ from place to place, so that a part in a wrong place shows.
func bytes(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
    // They repeat after so many: the rest is copied, which is quick in a debug build too.
    let period = (0..<min(count, 251 * 256)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) &+ seed }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += period.prefix(count - bytes.count) }
    return bytes
}

/// Records an issue, for a `guard` that a test cannot go on behind.
func fail(_ comment: Comment, at location: SourceLocation = #_sourceLocation) {
    Issue.record(comment, sourceLocation: location)
}

/// Gives a file other rights: of its version, the ctime alone is another.
func changeRights(of path: FilePath) {
    Moment.pass()
    #expect(path.withPlatformString { chmod($0, 0o600) } == 0)
}

/// Sets a file's times to now, which is another time than before, and changes nothing else.
func touch(_ path: FilePath) {
    Moment.pass()
    #expect(utimensat(AT_FDCWD, path.string, nil, 0) == 0)
}

extension AccountPlan {
    /// An account whose provider does as a test says.
    static func scripted(
        _ name: String = "main",
        provider: any Provider = ScriptedProvider(),
        identity: AccountIdentity = .scripted(),
        concurrency: Int = 2,
        rate: [CallRate] = [],
        admission: Admission = Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits())
    ) -> AccountPlan {
        AccountPlan(
            name: name,
            provider: provider,
            settings: "",
            providerName: "scripted",
            identity: identity,
            concurrency: concurrency,
            rate: rate,
            writeRate: [],
            admission: admission
        )
    }
}

extension ManifestPlan {
    /// A manifest in this directory, that is written at once.
    static func at(_ directory: TemporaryDirectory) -> ManifestPlan {
        ManifestPlan(
            snapshot: directory.at("manifest.json"),
            journal: directory.at("manifest.ndjson"),
            interval: .zero,
            mode: [.ownerReadWrite]
        )
    }
}

extension Pipeline {
    /// Runs while `body` works, from the first scan on.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            await ready()
            try await body()
            stop()
            try await group.waitForAll()
        }
    }
}
