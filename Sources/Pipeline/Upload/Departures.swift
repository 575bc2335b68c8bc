import Glibc
import SystemPackage
import Watch

/// Lets uploaded files leave the folders whose configuration says so.
///
/// What a crash, or a file system that hung, kept from leaving is taken by the next scan. The watch tells that the file is
/// gone, as for any other.
struct Departures: Sendable {
    private let destinations: [String: AfterUpload]
    private let disks: SourceDisks
    private let observer: PipelineObserver

    init(folders: [FolderPlan], disks: SourceDisks = SourceDisks(), observer: @escaping PipelineObserver) {
        destinations = Dictionary(folders.map { ($0.name, $0.afterUpload) }, uniquingKeysWith: { first, _ in first })
        self.disks = disks
        self.observer = observer
    }

    /// Whether files of this folder leave at all.
    func concerns(_ folder: String) -> Bool {
        destinations[folder].map { $0 != .keep } ?? false
    }

    func take(_ file: MediaFile) async {
        guard let folder = file.folder else { return }
        await take(file.path, version: file.version, folder: folder)
    }

    /// A file that a scan found and that is uploaded in this version.
    func take(_ path: FilePath, version: FileVersion, folder: String) async {
        guard let destination = destinations[folder], destination != .keep else { return }
        do {
            let left = try await disks.threads[folder].look(within: disks.patience) {
                try Departure.take(path, version: version, to: destination)
            }
            if left == nil {
                observer(.failed(stage: "after_upload of \(path)", reason: "its file system does not answer"))
            }
        } catch is CancellationError {
            // All ends: the next start's scan takes it.
        } catch {
            observer(.failed(stage: "after_upload of \(path)", reason: "\(error)"))
        }
    }
}

/// Takes an uploaded file out of its folder, where `after_upload` says so: only the very version that went up, and never
/// over another file.
private enum Departure {
    /// Blocks. Returns whether the file left.
    ///
    /// - Throws: `Errno`.
    static func take(_ path: FilePath, version: FileVersion, to destination: AfterUpload) throws -> Bool {
        guard destination != .keep else { return false }
        guard let status = try? FileStatus.of(path), status.version == version else { return false }
        if case .move(let directory) = destination {
            try link(path, into: directory)
            try FileSync.syncDirectory(of: directory.appending("x"))
            CrashPoint.linked.reached()
        }
        guard path.withPlatformString({ unlink($0) }) == 0 else { throw Errno(rawValue: errno) }
        CrashPoint.departed.reached()
        return true
    }

    /// Gives the file a second name in `directory`; one that is taken gets a number before its ending. A link never
    /// replaces what is there.
    private static func link(_ path: FilePath, into directory: FilePath) throws {
        guard let name = path.lastComponent else { throw Errno.invalidArgument }
        for number in 0..<10_000 {
            let target = directory.appending(number == 0 ? name : numbered(name, number))
            let result = path.withPlatformString { from in target.withPlatformString { Glibc.link(from, $0) } }
            if result == 0 { return }
            guard errno == EEXIST else { throw Errno(rawValue: errno) }
            // A crash between link and unlink: it is there already.
            if isSame(path, target) { return }
        }
        throw Errno.fileExists
    }

    private static func isSame(_ path: FilePath, _ target: FilePath) -> Bool {
        guard let one = try? FileStatus.of(path), let other = try? FileStatus.of(target) else { return false }
        return one.version == other.version
    }

    private static func numbered(_ name: FilePath.Component, _ number: Int) -> FilePath.Component {
        let bytes = FilePath(root: nil, components: name).bytes
        let dot = bytes.lastIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        let split = dot == bytes.startIndex ? bytes.endIndex : dot
        let path = FilePath(bytes: bytes[..<split] + Array("-\(number)".utf8) + bytes[split...])
        return path.lastComponent ?? name
    }
}
