import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

/// When a start looks whether all files have their folder's name.
@Suite(.timeLimit(.minutes(5))) struct FolderNamesTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func name(_ name: String, recursive: Bool = true) async throws {
        try await ledger.nameFolders([WatchedFolder(name: name, path: "/in", recursive: recursive)])
    }

    private func folder(of path: FilePath) async throws -> String? {
        try await ledger.record(of: path)?.folder
    }

    @Test func `folders that changed give their names again`() async throws {
        try await ledger.upload(media("/in/a"))
        try await name("one")
        try await name("two")
        #expect(try await folder(of: "/in/a") == "two")
        #expect(try await ledger.entry("/in/a")?.folder == "two")

        try await name("one")
        #expect(try await folder(of: "/in/a") == "one")
    }

    @Test func `a process that watches nothing has the next start look again`() async throws {
        try await name("one")
        try await ledger.upload(media("/in/a"))
        try await name("one")
        #expect(try await folder(of: "/in/a") == "inbox", "these folders gave their names last")

        _ = try await ledger.adopt([.named("main")], folders: nil, at: at(1))
        try await name("one")

        #expect(try await folder(of: "/in/a") == "one")
    }

    @Test(arguments: [nil, "other"])
    func `a file that waits under another name has the next start look again`(name other: String?) async throws {
        let file = media("/in/a", folder: other)
        try await ledger.start(file)
        try await name("one")
        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("m1"), at: at(2))
        #expect(try await ledger.entry("/in/a")?.folder == other)

        try await name("one")

        #expect(try await folder(of: "/in/a") == "one")
        #expect(try await ledger.entry("/in/a")?.folder == "one")
    }

    @Test func `a file that waits elsewhere, or under its folder's name, has no start look again`() async throws {
        try await ledger.enqueue(media("/other/a", folder: nil), at: at(1))
        try await ledger.enqueue(media("/in/b", folder: "one"), at: at(1))
        try await name("one")
        try await ledger.upload(media("/in/a"))

        try await name("one")

        #expect(try await folder(of: "/in/a") == "inbox", "these folders gave their names last")
    }

    @Test func `another path or another depth counts as another folder`() {
        let folder = WatchedFolder(name: "a", path: "/in")
        let digest = FolderNames([folder])

        #expect(digest == FolderNames([folder]))
        #expect(digest != FolderNames([WatchedFolder(name: "a", path: "/in", recursive: false)]))
        #expect(digest != FolderNames([WatchedFolder(name: "a", path: "/in2")]))
        #expect(digest != FolderNames([folder, folder]))
        #expect(digest != FolderNames([]))
    }
}

/// Files that nobody watches, whatever the folders.
@Suite(.timeLimit(.minutes(5))) struct UnwatchedFilesTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    @Test func `all files outside their folder are told once, page by page`() async throws {
        var random = SeededGenerator()
        let names: [String?] = [nil, "a", "b", "c"]
        let paths: [FilePath] = [
            "/in", "/in0", "/in/x", "/in/x/y", "/in/0", "/in-", "/i", "/other/in/x", "/in/z/1/2", "/in.", "/in/x0",
        ]
        var known: [FilePath: String?] = [:]
        for path in paths {
            let name = names.randomElement(using: &random) ?? nil
            try await ledger.enqueue(media(path, folder: name), at: at(1))
            known[path] = name
        }
        for recursive in [true, false] {
            let folders = [
                WatchedFolder(name: "a", path: "/in", recursive: recursive),
                WatchedFolder(name: "b", path: "/other", recursive: recursive),
            ]
            let plain = known.filter { path, name in
                guard let folder = folders.first(where: { $0.name == name }), path != folder.path else { return true }
                return !path.starts(with: folder.path)
                    || !recursive && path.components.count > folder.path.components.count + 1
            }

            var told: [FilePath] = []
            var last: UnwatchedFile?
            while case let page = try await ledger.unwatched(by: folders, after: last, limit: 2), let end = page.last {
                told += page.map(\.path)
                last = end
            }

            #expect(told.count == plain.count && Set(told) == Set(plain.keys), "seed \(random.seed)")
        }
    }
}
