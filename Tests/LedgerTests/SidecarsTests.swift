import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

/// Sidecars, and the entries that list them.
@Suite(.timeLimit(.minutes(5))) struct SidecarsTests {
    private let ledger: SQLiteLedger

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    private func note(_ path: FilePath, _ number: Int64 = 1) async throws {
        try await ledger.noteSidecar(found(path, number), at: at(1))
    }

    private func listed(_ path: FilePath) async throws -> [String]? {
        try await ledger.entry(path)?.sidecars.map(\.string)
    }

    private func changes() async throws -> [String] {
        try await ledger.changes(after: 0, limit: 1000).map { change in
            guard case .entry(let entry) = change.row.content else { return "\(change.event) \(change.row.path)" }
            return "\(change.event) \(change.row.path) \(entry.sidecars.map(\.string).joined(separator: ","))"
        }
    }

    @Test func `an entry lists its sidecars, whichever comes first`() async throws {
        try await note("/in/a.txt")
        try await ledger.upload(media("/in/a.jpg"))
        try await note("/in/a.jpg.xmp")

        #expect(try await listed("/in/a.jpg") == ["a.jpg.xmp", "a.txt"])
        #expect(try await changes() == ["uploaded /in/a.jpg a.txt", "updated /in/a.jpg a.jpg.xmp,a.txt"])
    }

    @Test func `a sidecar without a file beside it changes nothing, and neither does one of another name`() async throws
    {
        try await ledger.upload(media("/in/a.jpg"))
        for path: FilePath in ["/in/b.txt", "/in/sub/a.txt", "/in/a.jpg.x.txt", "/a.txt", "/in/a.jp.txt"] {
            try await note(path)
        }

        #expect(try await changes() == ["uploaded /in/a.jpg "])
    }

    @Test func `a sidecar is listed by each file beside it, and by none in a directory of such a name`() async throws {
        let beside: [FilePath] = ["/in/a", "/in/a.jpg", "/in/a.mp4"]
        let others: [FilePath] = ["/in/a.d/a.jpg", "/in/a.d0", "/in/a.d/a.d/x.jpg", "/in/a.b.jpg", "/in/aa.jpg"]
        for (number, path) in (beside + others).enumerated() {
            try await ledger.upload(media(path, Int64(number % 8)), UInt8(number))
        }

        try await note("/in/a.txt")

        for path in beside { #expect(try await listed(path) == ["a.txt"], "\(path)") }
        // "a.d0" is beside it, too: it lies right behind all that is in "a.d".
        for path in others { #expect(try await listed(path) == (path == "/in/a.d0" ? ["a.txt"] : []), "\(path)") }
    }

    @Test func `a change of a sidecar is told though the names are the same, and the same version is not`() async throws
    {
        try await ledger.upload(media("/in/a.jpg"))
        try await note("/in/a.txt")
        try await note("/in/a.txt", 2)
        try await note("/in/a.txt", 2)
        // A disk that is mounted again may have another device number.
        var mounted = found("/in/a.txt", 2).version
        mounted.device += 1
        try await ledger.noteSidecar(FoundFile(folder: "inbox", path: "/in/a.txt", version: mounted), at: at(1))

        #expect(
            try await changes() == ["uploaded /in/a.jpg ", "updated /in/a.jpg a.txt", "updated /in/a.jpg a.txt"]
        )
        let revisions = try await ledger.changes(after: 0, limit: 9).map(\.revision)
        let revision = try await ledger.entry("/in/a.jpg")?.revision
        #expect(revisions == [1, 2, 3] && revision == 3)
        mounted.inode -= 1
        try await ledger.noteSidecar(FoundFile(folder: "inbox", path: "/in/a.txt", version: mounted), at: at(1))
        #expect(try await changes().count == 4)
    }

    @Test func `a sidecar that left is listed no longer`() async throws {
        try await ledger.upload(media("/in/a.jpg"))
        try await note("/in/a.txt")
        try await ledger.recordGone(["/in/a.txt", "/in/never.txt"], at: at(2))

        #expect(try await listed("/in/a.jpg") == [])
        #expect(try await changes().last == "updated /in/a.jpg ")
        #expect(try await ledger.sidecars(beneath: "/", after: nil, limit: 9).paths == [])
    }

    @Test func `after its file has left, an entry keeps what it had, and lists anew when the file is back`()
        async throws
    {
        try await note("/in/a.txt")
        try await ledger.upload(media("/in/a.jpg"))
        try await ledger.recordGone(["/in/a.jpg"], at: at(2))
        try await ledger.recordGone(["/in/a.txt"], at: at(2))
        try await note("/in/a.xmp")
        #expect(try await listed("/in/a.jpg") == ["a.txt"])

        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/a.jpg"))
        try await ledger.reuse(asset, for: media("/in/a.jpg"), movedFrom: nil, at: at(6))
        #expect(try await listed("/in/a.jpg") == ["a.xmp"])
    }

    @Test func `with a directory that leaves, no entry changes but by its file's end`() async throws {
        for number in 0..<5 {
            try await ledger.upload(media(FilePath("/in/d/\(number).jpg"), Int64(number)), UInt8(number))
            try await note(FilePath("/in/d/\(number).txt"))
        }
        try await note("/in/d0.txt")
        let before = try await changes().count

        try await ledger.recordGone(beneath: "/in/d", at: at(3))

        let told = try await changes().dropFirst(before)
        #expect(told.count == 5 && told.allSatisfy { $0.hasPrefix("removed ") && $0.hasSuffix(".txt") }, "\(told)")
        #expect(try await ledger.sidecars(beneath: "/in", after: nil, limit: 9).paths == ["/in/d0.txt"])
    }

    @Test func `thousands of sidecars leave with their directory, some hundreds a commit`() async throws {
        let paths = (0..<1000).map { FilePath("/in/d/\($0).txt") }
        for path in paths { try await note(path) }

        try await ledger.recordGone(beneath: "/in/d", at: at(3))

        #expect(try await ledger.sidecars(beneath: "/in", after: nil, limit: 9).paths == [])
    }

    @Test func `an entry that moves lists the sidecars of its new place`() async throws {
        try await note("/in/a.txt")
        try await note("/in/b.txt")
        try await ledger.upload(media("/in/a.jpg"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.record([.gone("/in/a.jpg"), .settling(settling("/in/b.jpg"))], at: at(6))
        try await ledger.start(media("/in/b.jpg"))
        try await ledger.reuse(asset, for: media("/in/b.jpg"), movedFrom: "/in/a.jpg", at: at(6))

        #expect(try await listed("/in/b.jpg") == ["b.txt"])
        #expect(try await changes().last == "renamed /in/b.jpg b.txt")
    }

    @Test func `a rejection lists nothing, and a file that is up does not list itself`() async throws {
        try await note("/in/a.txt")
        try await ledger.reject(found("/in/a.jpg"), tooLarge, at: at(1))
        try await note("/in/a.xmp")
        #expect(try await changes() == ["rejected /in/a.jpg"])

        // It went up before its folder said that it is a sidecar.
        try await ledger.upload(media("/in/b.gif", 2), 2)
        try await note("/in/b.gif", 2)
        #expect(try await listed("/in/b.gif") == [])
        #expect(try await ledger.state("/in/b.gif") == .uploaded)
    }

    @Test func `a file that was rejected or settling before it became a sidecar is neither any more`() async throws {
        try await ledger.upload(media("/in/a.jpg"))
        try await ledger.reject(found("/in/a.txt", 2), tooLarge, at: at(1))
        try await ledger.recordSettling([settling("/in/a.xmp", 3)], at: at(1))
        let sidecars = [found("/in/a.txt", 2), found("/in/a.xmp", 3)]
        #expect(try await ledger.unnoted(among: sidecars) == sidecars)

        for sidecar in sidecars { try await ledger.noteSidecar(sidecar, at: at(2)) }

        #expect(try await ledger.row(of: "/in/a.txt")?.shown == false)
        #expect(try await ledger.counts() == [.uploaded: 1])
        #expect(try await ledger.steps(of: "/in/a.txt").isEmpty)
        #expect(try await listed("/in/a.jpg") == ["a.txt", "a.xmp"])
        #expect(try await ledger.unnoted(among: sidecars) == [])
    }

    /// The patterns went, the file was rejected, and the patterns are back before a scan has ended.
    @Test func `a noted sidecar that was rejected since is noted anew`() async throws {
        try await note("/in/a.txt")
        try await ledger.reject(found("/in/a.txt"), tooLarge, at: at(1))
        #expect(try await ledger.unnoted(among: [found("/in/a.txt")]) == [found("/in/a.txt")])

        try await note("/in/a.txt")

        #expect(try await ledger.row(of: "/in/a.txt")?.shown == false)
    }

    @Test func `only the versions that are noted are handled`() async throws {
        let files = (0..<300).map { found(FilePath("/in/\($0).txt"), 1) }
        for file in files.dropLast() { try await ledger.noteSidecar(file, at: at(1)) }

        #expect(try await ledger.unnoted(among: files) == [files[299]])
        #expect(try await ledger.unnoted(among: [found("/in/0.txt", 2)]) == [found("/in/0.txt", 2)])
        #expect(try await ledger.unhandled(among: [files[0]]) == [files[0]], "it is no file that went up")
    }

    @Test func `sidecars that no folder looks after are forgotten, and their files are not`() async throws {
        try await ledger.upload(media("/in/a.jpg"))
        let paths = (0..<20).map { FilePath("/in/a.\($0)") } + (0..<300).map { FilePath("/in/\($0).txt") }
        for path in paths { try await note(path) }
        try await ledger.reject(found("/in/a.1", 2), tooLarge, at: at(1))
        #expect(try await listed("/in/a.jpg")?.count == 20)
        let before = try await changes().count

        try await ledger.dropSidecars(paths)

        #expect(try await listed("/in/a.jpg") == [])
        #expect(try await changes().count == before + 1, "it is one change, however many it listed")
        #expect(try await ledger.sidecars(beneath: "/", after: nil, limit: 9).paths == [])
        #expect(try await ledger.row(of: "/in/a.1")?.shown == true)
    }

    @Test func `they are given in pages, in byte order`() async throws {
        for path: FilePath in ["/in/b.txt", "/in/a.txt", "/in/c/a.txt", "/in0/a.txt"] { try await note(path) }

        #expect(try await ledger.sidecars(beneath: "/in", after: nil, limit: 2).paths == ["/in/a.txt", "/in/b.txt"])
        #expect(try await ledger.sidecars(beneath: "/in", after: "/in/b.txt", limit: 2).paths == ["/in/c/a.txt"])
        #expect(try await ledger.sidecars(beneath: "/", after: nil, limit: 9).paths.count == 4)
    }

    @Test func `a sidecar is no event for a hook`() async throws {
        try await ledger.adopt(
            HookTrigger.allCases.map { HookWish(name: $0.rawValue, trigger: $0, folder: nil) }
        )
        try await ledger.upload(media("/in/a.jpg"))
        let before = try await ledger.countEvents(of: "uploaded")
        _ = try await ledger.recordReadyDirectories(at: .steady().advanced(by: .seconds(100)))
        let ready = try await ledger.countEvents(of: "folder_ready")

        try await note("/in/a.txt")
        _ = try await ledger.recordReadyDirectories(at: .steady().advanced(by: .seconds(200)))

        #expect(try await ledger.countEvents(of: "uploaded") == before)
        #expect(try await ledger.countEvents(of: "folder_ready") == ready && ready == 1)
        let event = try #require(try await ledger.events(of: "uploaded", dueBy: at(9), limit: 1).first)
        #expect(!event.facts.contains("sidecars"))
    }

    @Test func `an event of a file tells the sidecars that it has then`() async throws {
        try await ledger.adopt([HookWish(name: "up", trigger: .uploaded, folder: nil)])
        try await note("/in/a.txt")
        try await ledger.upload(media("/in/a.jpg"))

        let event = try #require(try await ledger.events(of: "up", dueBy: at(9), limit: 1).first)
        #expect(event.facts.contains(#""sidecars":["a.txt"]"#), "\(event.facts)")
    }

    @Test func `names that are not UTF-8 are kept by their bytes`() async throws {
        let name = Array("/in/a".utf8) + [0xFF]
        let (file, sidecar) = (FilePath(bytes: name + Array(".jpg".utf8)), FilePath(bytes: name + Array(".txt".utf8)))
        try await ledger.upload(media(file))
        try await note(sidecar)

        #expect(try await ledger.entry(file)?.sidecars == [try #require(sidecar.lastComponent)])
        let change = try #require(try await ledger.changes(after: 1, limit: 1).first)
        guard case .entry(let told) = change.row.content else { return #expect(Bool(false)) }
        #expect(told.sidecars == [try #require(sidecar.lastComponent)])
    }
}

/// Random orders of events. A failing run names its seed.
@Suite(.timeLimit(.minutes(5))) struct SidecarOrderTests {
    private static let files: [FilePath] = [
        "/in/a.jpg", "/in/a.mp4", "/in/a.jpg.mp4", "/in/b", "/in/d/a.jpg", "/in/a.d/c.jpg",
    ]
    private static let sidecars: [FilePath] = [
        "/in/a.txt", "/in/a.jpg.txt", "/in/a.xmp", "/in/b.txt", "/in/d/a.txt", "/in/a.d/c.txt", "/in/a.d.txt",
    ]
    private static let seeds: [UInt64] = (0..<4).map { _ in .random(in: 0 ... .max) }

    /// What is on disk: the numbers of the versions.
    private struct Disk {
        var files: [FilePath: Int64] = [:]
        var sidecars: [FilePath: Int64] = [:]
        /// What each entry listed when its file left.
        var kept: [FilePath: [FilePath]] = [:]

        /// By the rule's words, not by its code: a sidecar without its ending is the file, or the file without its own.
        func listed(_ file: FilePath) -> [FilePath] {
            sidecars.keys.filter { sidecar in
                let stem = sidecar.string.split(separator: ".").dropLast().joined(separator: ".")
                let own = file.string.split(separator: ".")
                let hasEnding = own.count > 1 && !(own.last ?? "").contains("/")
                return stem == file.string || (hasEnding && stem == own.dropLast().joined(separator: "."))
            }.sorted { $0.string < $1.string }
        }
    }

    @Test(arguments: seeds)
    func `entries list what is on disk, after any order of events and restarts`(seed: UInt64) async throws {
        print("sidecars: seed \(seed)")
        let folder = try TemporaryFolder()
        var ledger = try folder.ledger()
        var random = SeededGenerator(seed: seed)
        var disk = Disk()
        var number: Int64 = 0

        for step in 0..<300 {
            number += 1
            let file = try #require(Self.files.randomElement(using: &random))
            let sidecar = try #require(Self.sidecars.randomElement(using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                try await ledger.upload(media(file, number), UInt8(number % 250))
                disk.files[file] = number
            case 2, 3, 4:
                try await ledger.noteSidecar(found(sidecar, number), at: at(number))
                disk.sidecars[sidecar] = number
            case 5, 6:
                try await ledger.recordGone([sidecar], at: at(number))
                disk.sidecars[sidecar] = nil
            case 7:
                if disk.files.removeValue(forKey: file) != nil { disk.kept[file] = disk.listed(file) }
                try await ledger.recordGone([file], at: at(number))
            case 8:
                for path in disk.files.keys where path.starts(with: "/in/a.d") {
                    disk.kept[path] = disk.listed(path)
                    disk.files[path] = nil
                }
                disk.sidecars = disk.sidecars.filter { !$0.key.starts(with: "/in/a.d") }
                try await ledger.recordGone(beneath: "/in/a.d", at: at(number))
            default:
                try ledger.close()
                ledger = try folder.ledger()
            }
            for file in Self.files {
                guard let entry = try await ledger.entry(file) else { continue }
                let expected = disk.files[file] != nil ? disk.listed(file) : disk.kept[file] ?? []
                #expect(
                    entry.sidecars == expected.compactMap(\.lastComponent)
                        && entry.present == (disk.files[file] != nil),
                    "seed \(seed), step \(step), \(file)"
                )
            }
        }
        let noted = try await ledger.sidecars(beneath: "/", after: nil, limit: 99).paths
        #expect(noted == disk.sidecars.keys.sorted { $0.string < $1.string })
    }
}
