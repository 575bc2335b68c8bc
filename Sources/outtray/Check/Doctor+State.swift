import CLinux
import Control
import Glibc
import Ledger
import Pipeline
import SystemPackage
import Watch

// The state directory, its ledger, room, clock and user.

extension Doctor {
    private var directory: FilePath { configuration.stateDirectory }

    /// The state directory, or the nearest one above it that is there. A start makes the rest.
    private var nearest: FilePath {
        var place = directory
        while !place.components.isEmpty, access(place.string, F_OK) != 0 { place.removeLastComponent() }
        return place
    }

    var state: [Finding] {
        if let trouble = DirectoryTrouble.of(nearest, for: .write) {
            let words = trouble.words(for: nearest, in: checks.surroundings)
            return [Finding(name: .state, verdict: .denied, message: words)]
        }
        guard let kind = networkFileSystem(of: nearest) else {
            return [Finding(name: .state, message: shown(directory))]
        }
        return [
            Finding(
                name: .state,
                verdict: .weak,
                message: "\(shown(directory)) is on \(kind), where locks and crashes may damage the ledger",
                fix: "set state_dir to a directory on a local disk"
            )
        ]
    }

    private func networkFileSystem(of path: FilePath) -> String? {
        guard let opened = try? FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]) else {
            return nil
        }
        defer { try? opened.close() }
        return FileSystemKind.of(opened).silentName
    }

    /// A line only if a process surely works with the state directory.
    var service: [Finding] {
        guard let holder = StateLock.holder(of: directory) else { return [] }
        return [Finding(name: .service, message: "process \(holder) works with \(shown(directory))")]
    }

    var ledger: (Finding, WorkplaceError?) {
        do throws(WorkplaceError) {
            return (Finding(name: .ledger, message: try Workplace.ledgerState(configuration)), nil)
        } catch {
            return (Finding(name: .ledger, verdict: error.verdict, message: "\(error)"), error)
        }
    }

    // MARK: Room

    /// Room for the ledger's log and a burst of files. A start with 10,000 files writes a few MiB.
    private static let leastRoom: Int64 = 64 << 20

    /// Each of the manifest's files is replaced by a whole new one, so its size is needed once more.
    var space: [Finding] {
        var needs: [dev_t: (path: FilePath, bytes: Int64)] = [:]
        func add(_ bytes: Int64, at path: FilePath) {
            var status = stat()
            guard stat(path.string, &status) == 0 else { return }
            needs[status.st_dev, default: (path, 0)].bytes += bytes
        }
        add(Self.leastRoom, at: nearest)
        for file in [configuration.manifest.path, configuration.manifest.journal] {
            let target = (try? file.followingLinks()) ?? file
            var status = stat()
            let size = stat(target.string, &status) == 0 ? Int64(status.st_size) : 0
            add(size, at: target.removingLastComponent())
        }
        return needs.values.sorted { $0.path.string < $1.path.string }.compactMap { room($0.path, needed: $0.bytes) }
    }

    private func room(_ path: FilePath, needed: Int64) -> Finding? {
        guard let space = FreeSpace(at: path) else { return nil }
        let free = space.bytes
        let words = "\(ByteCount(free)) free at \(shown(path))"
        if space.isOutOfInodes {
            return Finding(
                name: .space,
                verdict: .weak,
                message: "no inode is free at \(shown(path)), so no file can be made there",
                fix: "remove files there (df -i \(shown(path)))"
            )
        }
        guard free < needed else { return Finding(name: .space, message: words) }
        return Finding(
            name: .space,
            verdict: .weak,
            message: "\(words), and ledger and manifest may need \(ByteCount(needed)): on a full disk all uploads wait",
            fix: "make room there (df -h \(shown(path)))"
        )
    }

    // MARK: Clock

    /// The newest time in the ledger; nil if there is none.
    var newestStep: Timestamp? {
        (try? Workplace.mapped { try LedgerOutlook.newestStep(in: directory) }) ?? nil
    }

    /// How much two clocks may differ without a word.
    static let tolerance = Duration.seconds(60)

    /// A clock before a time that has surely been. TLS then finds certificates that are not valid yet.
    func clock(newest: Timestamp?) -> [Finding] {
        var status = stat()
        let made =
            stat("/proc/self/exe", &status) == 0
            ? Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000) : nil
        let past = [(made, "this program's file"), (newest, "the newest step in the ledger")]
        let late = past.first { time, _ in time.map { now.advanced(by: Self.tolerance) < $0 } ?? false }
        guard case (let time?, let what)? = late else { return [Finding(name: .clock, message: now.iso8601)] }
        return [
            Finding(
                name: .clock,
                verdict: .weak,
                message: "it says \(now.iso8601), and \(what) is of \(time.iso8601): a wrong clock breaks TLS",
                fix: "set it: timedatectl set-ntp true"
            )
        ]
    }

    // MARK: User

    /// Whether this look was made as the service makes it. Another user's rights say little about the service.
    var user: [Finding] {
        let surroundings = checks.surroundings
        var status = stat()
        guard stat(directory.string, &status) == 0, status.st_uid != surroundings.userID else {
            let unit = surroundings.isUnit ? ", in the service's unit" : ""
            return [Finding(name: .user, message: "\(surroundings.user)\(unit)")]
        }
        let owner = Surroundings.name(ofUser: status.st_uid)
        return [
            Finding(
                name: .user,
                verdict: .weak,
                message:
                    "this look was made as \(surroundings.user), and the state directory is \(owner)'s: what one may "
                    + "read and write, the other may not",
                fix: "sudo -u \(owner) outtray check"
            )
        ]
    }
}

extension WorkplaceError {
    /// The error as a line of `outtray check`.
    fileprivate var verdict: Finding.Verdict {
        switch self {
        case .held, .later: .waiting
        case .denied: .denied
        case .unusable: .wrong
        }
    }
}
