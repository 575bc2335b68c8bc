import Pipeline
import SystemPackage
import Watch

/// What a ledger should hold, in plain dictionaries: the rules of the three contracts a second time, as short as can
/// be.
struct LedgerModel {
    struct File: Equatable {
        var version: Int64
        var state: FileState
        var attempts = 0
        var place: Int
    }

    struct Row: Equatable {
        var asset: Int?
        var rejection: Rejection?
        var present = true
        var shown = true
        var revision: Int64
    }

    struct Asset: Equatable {
        let size: Int64
        let digest: UInt8
        var status: AssetStatus
    }

    private(set) var files: [FilePath: File] = [:]
    private(set) var rows: [FilePath: Row] = [:]
    private(set) var assets: [Asset] = []
    private(set) var revision: Int64 = 0
    private var places = 0

    var counts: [FileState: Int] { files.values.reduce(into: [:]) { $0[$1.state, default: 0] += 1 } }

    mutating func settle(_ path: FilePath, _ version: Int64) {
        if let file = files[path], file.version == version, file.state != .gone { return }
        files[path] = File(version: version, state: .settling, place: nextPlace())
    }

    mutating func enqueue(_ path: FilePath, _ version: Int64) {
        let file = files[path]
        let isSame = file?.version == version
        if isSame, let state = file?.state, [.queued, .uploading, .uploaded].contains(state) { return }
        if isSame, file?.state == .rejected, var row = rows[path], row.shown, row.asset == nil {
            row.present = false
            row.shown = false
            row.revision = nextRevision()
            rows[path] = row
        }
        let attempts = isSame && file?.state == .settling ? file?.attempts ?? 0 : 0
        files[path] = File(version: version, state: .queued, attempts: attempts, place: nextPlace())
    }

    mutating func reject(_ path: FilePath, _ version: Int64, _ rejection: Rejection) {
        files[path] = File(version: version, state: .rejected, place: nextPlace())
        show(rejection, at: path)
    }

    mutating func rejectClaimed(_ path: FilePath, _ version: Int64, _ rejection: Rejection) {
        guard isClaimed(path, version) else { return }
        files[path]?.state = .rejected
        show(rejection, at: path)
    }

    mutating func leave(_ paths: [FilePath]) {
        for path in paths {
            if rows[path]?.asset != nil, rows[path]?.shown == true {
                files[path]?.state = .gone
            } else {
                files[path] = nil
            }
            guard var row = rows[path], row.shown, row.present else { continue }
            row.present = false
            row.shown = row.asset != nil
            row.revision = nextRevision()
            rows[path] = row
        }
    }

    mutating func claim(_ portion: Portion) -> [FilePath] {
        var queued = files.filter { $0.value.state == .queued }.sorted { $0.value.place < $1.value.place }
        var paths: [FilePath] = []
        switch portion {
        case .smallest:
            let least = queued.map(\.value.version).min()
            paths += queued.filter { $0.value.version == least }.prefix(1).map(\.key)
        case .oldest(var room):
            let large = queued.filter { $0.value.version >= 9 }
            let tooMany = Set(large.dropFirst(room.large.upperBound).map(\.key))
            let owed = large.prefix(room.large.lowerBound).map(\.key)
            queued.removeAll { tooMany.contains($0.key) || owed.contains($0.key) }
            for path in owed + queued.map(\.key) {
                guard let version = files[path]?.version, room.take(media(path, version).size) else { break }
                paths.append(path)
            }
        }
        for path in paths { files[path]?.state = .uploading }
        return paths
    }

    mutating func putBack(_ path: FilePath, _ version: Int64, to state: FileState, attempted: Bool) {
        guard isClaimed(path, version) else { return }
        files[path]?.state = state
        files[path]?.attempts += attempted ? 1 : 0
    }

    mutating func recover() {
        for (path, file) in files where file.state == .uploading { files[path]?.state = .queued }
    }

    mutating func complete(_ path: FilePath, _ version: Int64, _ digest: UInt8, _ status: AssetStatus) {
        let size = LedgerTests.version(version).size
        let known = assets.firstIndex { $0.size == size && $0.digest == digest && $0.status != .failed }
        if known == nil { assets.append(Asset(size: size, digest: digest, status: status)) }
        let newer =
            files[path].map { $0.version != version && ($0.state == .uploaded || $0.state == .rejected) } ?? false
        let isThere = markUploaded(path, version)
        if newer { return }
        show(known ?? assets.count - 1, at: path, present: isThere, movedFrom: nil)
    }

    mutating func reuse(_ asset: Int, for path: FilePath, _ version: Int64, movedFrom: FilePath?) {
        if let file = files[path], file.version != version { return }
        let isThere = markUploaded(path, version)
        show(asset, at: path, present: isThere, movedFrom: movedFrom)
        if let movedFrom, movedFrom != path, let left = files[movedFrom]?.state, [.uploaded, .gone].contains(left),
            rows[movedFrom]?.shown != true
        {
            files[movedFrom] = nil
        }
    }

    mutating func look(at asset: Int, _ status: AssetStatus, inOrder order: [FilePath]) {
        guard assets[asset].status != status else { return }
        assets[asset].status = status
        for path in order where rows[path]?.asset == asset && rows[path]?.shown == true {
            let revision = nextRevision()
            rows[path]?.revision = revision
        }
    }

    private func isClaimed(_ path: FilePath, _ version: Int64) -> Bool {
        files[path]?.version == version && files[path]?.state == .uploading
    }

    private mutating func markUploaded(_ path: FilePath, _ version: Int64) -> Bool {
        guard let file = files[path] else {
            files[path] = File(version: version, state: .gone, place: nextPlace())
            return false
        }
        guard file.state != .gone else { return false }
        if file.version == version { files[path]?.state = .uploaded }
        return true
    }

    private mutating func show(_ rejection: Rejection, at path: FilePath) {
        if let row = rows[path], row.rejection == rejection, row.shown { return }
        rows[path] = Row(rejection: rejection, revision: nextRevision())
    }

    private mutating func show(_ asset: Int, at path: FilePath, present: Bool, movedFrom: FilePath?) {
        let old = movedFrom.flatMap { $0 == path ? nil : rows[$0] }
        let moves = old?.asset == asset && old?.shown == true
        if !moves, let row = rows[path], row.asset == asset, row.present == present, row.shown { return }
        rows[path] = Row(asset: asset, present: present, revision: nextRevision())
        if moves, let movedFrom {
            rows[movedFrom] = Row(asset: asset, present: false, shown: false, revision: revision)
        }
    }

    private mutating func nextRevision() -> Int64 {
        revision += 1
        return revision
    }

    private mutating func nextPlace() -> Int {
        places += 1
        return places
    }
}
