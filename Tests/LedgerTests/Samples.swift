import Pipeline
import SystemPackage
import Watch

@testable import Ledger

/// Version `number` of a file; its size goes with it, and from 9 on it is a large file.
func version(_ number: Int64) -> FileVersion {
    let size = number < 9 ? 10 + number : Portion.largeSize + number - 9
    return FileVersion(device: 1, inode: .max - 7, size: size, modified: number, changed: -number)
}

func media(_ path: FilePath, _ number: Int64 = 1, account: String = "main", folder: String? = "inbox") -> MediaFile {
    MediaFile(
        folder: folder,
        root: "/in",
        path: path,
        version: version(number),
        account: account,
        mime: .jpeg,
        kind: .image,
        uploadName: "name.jpg"
    )
}

extension MediaFile {
    /// The same bytes after a rename or a chmod: the ctime alone is another.
    func after(change number: Int64) -> MediaFile {
        with { $0.changed += number }
    }

    /// The same path with another version.
    func with(_ change: (inout FileVersion) -> Void) -> MediaFile {
        var version = version
        change(&version)
        return MediaFile(
            folder: folder,
            root: root,
            path: path,
            version: version,
            account: account,
            mime: mime,
            kind: kind,
            uploadName: uploadName,
            measure: measure,
            warnings: warnings
        )
    }
}

func found(_ path: FilePath, _ number: Int64 = 1) -> FoundFile {
    FoundFile(folder: "inbox", path: path, version: version(number))
}

func settling(_ path: FilePath, _ number: Int64 = 1, reason: String = "still changing") -> SettlingFile {
    SettlingFile(found(path, number), reason: reason)
}

func digest(_ number: UInt8) -> SHA256Digest { SHA256Digest(bytes: Array(repeating: number, count: 32)) }

func receipt(_ id: String, _ status: AssetStatus = .ready) -> Receipt {
    Receipt(assetURN: "urn:\(id)", mediaID: id, publicURL: "https://x/\(id)", recipes: ["r1", "r2"], status: status)
}

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

let tooLarge = Rejection(.tooLarge, "6 GB is more than 5 GB")

extension SQLiteLedger {
    /// Queues and claims one file, so that it is uploading.
    func start(_ file: MediaFile, at time: Timestamp = at(1)) async throws {
        try await enqueue(file, at: time)
        _ = try await claim(account: file.account, .oldest(100), at: time)
    }

    /// Takes one file all the way.
    func upload(_ file: MediaFile, _ number: UInt8 = 1, _ status: AssetStatus = .ready) async throws {
        try await start(file)
        try await complete(
            file,
            provider: "postbreeze",
            sha256: digest(number),
            receipt: receipt("m\(number)", status),
            at: at(5)
        )
    }

    func state(_ path: FilePath) async throws -> FileState? { try await record(of: path)?.state }

    func events() async throws -> [ManifestChange.Event] {
        try await changes(after: 0, limit: 1000).map(\.event)
    }

    func entry(_ path: FilePath) async throws -> ManifestEntry? {
        guard case .entry(let entry)? = try await row(of: path)?.content else { return nil }
        return entry
    }

    func rows(by order: ManifestOrder = .section) async throws -> (revision: Int64?, rows: [ManifestRow]) {
        let collected = Collected()
        try await snapshot(by: order, start: { collected.start($0) }, row: { collected.add($0) })
        return collected.all
    }
}

extension SQLiteLedger {
    /// Paths of the folder's files that should be there.
    func present(in folder: String, after path: FilePath?, limit: Int) async throws -> [FilePath] {
        try await present(in: folder, except: SeenFiles(), after: path, limit: limit).paths
    }
}
