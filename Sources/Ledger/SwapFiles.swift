import Glibc
import Pipeline
import SystemPackage

/// The files of a repair, and the order in which they are moved.
///
/// A log belongs to its database by name alone: SQLite would play an old `-wal` into a new file. So the log goes aside
/// before the new ledger comes. In between, nobody may open the database without its log.
///
/// The new ledger under the name ``rebuilt`` marks that time. It begins with that name and ends with the ledger's own
/// name. Meanwhile the swap resumes wherever it was broken off, and everybody else is refused.
struct SwapFiles: Sendable {
    let directory: FilePath

    /// The endings of SQLite's own files (https://www.sqlite.org/tempfiles.html).
    private static let endings = ["-journal", "-wal", "-shm"]

    var ledger: FilePath { directory.appending(LedgerFile.name) }
    /// The new ledger, not whole yet. The next repair begins it anew.
    var building: FilePath { directory.appending(LedgerFile.name + ".building") }
    /// The new ledger, whole and on its way into place.
    var rebuilt: FilePath { directory.appending(LedgerFile.name + ".rebuilt") }

    var isSwapping: Bool { status(of: rebuilt) != nil }

    func size(of file: FilePath) -> Int64? { status(of: file).map { Int64($0.st_size) } }

    /// Whether there surely is no such file. A directory that may not be looked into does not tell.
    func isAbsent(_ file: FilePath) -> Bool {
        var status = stat()
        guard file.withPlatformString({ lstat($0, &status) }) != 0 else { return false }
        return errno == ENOENT || errno == ENOTDIR
    }

    /// Makes an empty ``building`` file with mode 0600. Run by root, gives it the owner of the old ledger, or else of
    /// the directory.
    func makeBuilding() throws {
        for ending in [""] + Self.endings { try remove(building.adding(ending)) }
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
        let file = try FileDescriptor.open(building, .readWrite, options: options, permissions: .ownerReadWrite)
        defer { try? file.close() }
        guard fchmod(file.rawValue, 0o600) == 0 else { throw Errno(rawValue: errno) }
        // A repair by root must not leave a ledger that the service cannot open.
        guard geteuid() == 0, let owner = status(of: ledger) ?? status(of: directory) else { return }
        guard fchown(file.rawValue, owner.st_uid, owner.st_gid) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Syncs the ``building`` file and renames it to ``rebuilt``. From here on the repair is decided.
    func buildingIsWhole() throws {
        let file = try FileDescriptor.open(building, .readOnly, options: [.closeOnExec, .noFollow])
        try file.closeAfter { try FileSync.sync(file) }
        try move(building, to: rebuilt)
        try FileSync.syncDirectory(of: ledger)
    }

    /// Moves the old files aside and the new ledger into its place. Returns the files that were kept.
    func swap() throws -> [FilePath] {
        let kept = try keep()
        try FileSync.syncDirectory(of: ledger)
        try move(rebuilt, to: ledger)
        try FileSync.syncDirectory(of: ledger)
        return kept
    }

    /// Gives the damaged ledger a second name. It keeps the first until the new ledger takes it. So there is no moment
    /// at which somebody would find no ledger and begin an empty one. The files that belong to it are moved, even if it
    /// is missing.
    private func keep() throws -> [FilePath] {
        let damaged = status(of: ledger)
        let name = freeName(for: damaged)
        if damaged != nil, status(of: name) == nil { try link(ledger, to: name) }
        for ending in Self.endings {
            let (from, to) = (ledger.adding(ending), name.adding(ending))
            guard status(of: from) != nil else { continue }
            if status(of: to) == nil { try link(from, to: to) }
            try remove(from)
        }
        let kept = ([""] + Self.endings).map(name.adding).filter { status(of: $0) != nil }
        for file in kept where file.withPlatformString({ chmod($0, 0o600) }) != 0 { throw Errno(rawValue: errno) }
        return kept
    }

    /// A name such as `outtray.db.damaged-20261122T101530Z`, by the time of the new ledger. A resumed swap thus finds
    /// the same name again. If another file has the name, a number is added.
    private func freeName(for damaged: stat?) -> FilePath {
        let seconds = Int64(status(of: rebuilt)?.st_mtim.tv_sec ?? 0)
        let time = Timestamp(milliseconds: seconds * 1000).iso8601.filter { $0 != "-" && $0 != ":" }
        var number = 1
        while true {
            let name = ledger.adding(".damaged-\(time)" + (number == 1 ? "" : "-\(number)"))
            if let other = status(of: name) {
                if let damaged, other.st_dev == damaged.st_dev, other.st_ino == damaged.st_ino { return name }
            } else if Self.endings.allSatisfy({ status(of: name.adding($0)) == nil }) {
                return name
            }
            number += 1
        }
    }

    // MARK: System calls

    private func status(of file: FilePath) -> stat? {
        var status = stat()
        return file.withPlatformString { lstat($0, &status) } == 0 ? status : nil
    }

    private func remove(_ file: FilePath) throws {
        guard file.withPlatformString({ unlink($0) }) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
    }

    /// Fails if the name is taken.
    private func link(_ file: FilePath, to name: FilePath) throws {
        let result = file.withPlatformString { from in name.withPlatformString { Glibc.link(from, $0) } }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    private func move(_ file: FilePath, to name: FilePath) throws {
        let result = file.withPlatformString { from in name.withPlatformString { rename(from, $0) } }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}

extension FilePath {
    /// This path with its last name made longer.
    fileprivate func adding(_ ending: String) -> FilePath {
        FilePath(bytes: bytes + Array(ending.utf8))
    }
}
