import Glibc
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Pipeline

/// Files that somebody puts into a folder: what is refused, and what is left behind.
@Suite struct DropTests {
    private let directory: TemporaryDirectory
    private let records: DropRecords
    private let threads = BlockingThreads(name: "test", bound: 2)

    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("inbox")
        records = DropRecords(directory.at("drops"))
    }

    private func folder(
        acceptsDrops: Bool = true,
        recursive: Bool = true,
        ignore: [String] = [],
        limits: SizeLimits = SizeLimits(),
        path: String = "inbox"
    ) -> FolderPlan {
        FolderPlan(
            name: "inbox",
            path: directory.at(path),
            account: "main",
            recursive: recursive,
            ignore: IgnoreRules(adding: ignore),
            settle: .seconds(2),
            settleRenamed: .seconds(1),
            admission: Admission(provider: "postbreeze", acceptedTypes: [.jpeg, .mp4, .pdf], limits: limits),
            acceptsDrops: acceptsDrops
        )
    }

    private func names(_ place: String = "inbox") throws -> [String] {
        try directory.names(beneath: directory.at(place))
    }

    private func recorded() -> [String] { (try? names("drops")) ?? [] }

    private func begin(_ wish: DropWish, in folder: FolderPlan? = nil) async throws -> Drop {
        let folder = folder ?? self.folder()
        return try await Drop.begin(wish, records, on: threads) { folder }
    }

    private func refusal(_ wish: DropWish, in folder: FolderPlan? = nil) async -> DropRefusal? {
        do {
            _ = try await begin(wish, in: folder)
            return nil
        } catch {
            return error as? DropRefusal
        }
    }

    /// Returns when all that was given up has been removed.
    private func settled() async throws {
        for _ in 0..<1000 where try !recorded().isEmpty || names().contains(where: { $0.hasSuffix(".part") }) {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `a drop is there when it is whole, under its name, and not before`() async throws {
        let drop = try await begin(DropWish(name: "a.jpg", bytes: 6))
        #expect(recorded().count == 1)
        try await drop.append(Chunk(Array("abc".utf8)))
        let part = try #require(try names().first)
        #expect(try names().count == 1 && part.hasPrefix("a.jpg.") && part.hasSuffix(".part"))
        #expect(IgnoreRules().ignores(try #require(FilePath.Component(part))))
        try await drop.append(Chunk(Array("def".utf8)))
        let path = try await drop.finish()

        #expect(path == directory.at("inbox/a.jpg"))
        #expect(try names() == ["a.jpg"] && directory.text("inbox/a.jpg") == "abcdef" && recorded().isEmpty)
    }

    @Test func `a drop below the folder makes its directories, and lies in those that are there`() async throws {
        try directory.makeDirectory("inbox/there")
        for place in ["there/new/newer", "there/new", "other"] {
            let drop = try await begin(DropWish(name: "a.jpg", directory: place, bytes: 1))
            try await drop.append(Chunk([1]))
            #expect(try await drop.finish() == directory.at("inbox/\(place)/a.jpg"))
        }
        #expect(try names() == ["other", "there"])
    }

    @Test func `a drop that is given up, or is not whole, leaves nothing`() async throws {
        for bytes in [0, 2] {
            let drop = try await begin(DropWish(name: "a.jpg", directory: "new", bytes: 3))
            try await drop.append(Chunk([UInt8](repeating: 1, count: bytes)))
            if bytes > 0 { await #expect(throws: DropRefusal.self) { try await drop.finish() } }
        }
        try await settled()
        #expect(try names().isEmpty && recorded().isEmpty)
    }

    @Test func `a name that is taken is never given away, and a free one is told`() async throws {
        try directory.write("inbox/a.jpg", "mine")
        try directory.write("inbox/a-1.jpg", "mine, too")
        let taken = await refusal(DropWish(name: "a.jpg", bytes: 1))
        #expect(taken?.kind == .taken && taken?.suggestion == "a-2.jpg")

        // Somebody else is first, while the bytes come.
        let drop = try await begin(DropWish(name: "b.jpg", bytes: 1))
        try await drop.append(Chunk([1]))
        try directory.write("inbox/b.jpg", "theirs")
        await #expect { try await drop.finish() } throws: { error in
            (error as? DropRefusal)?.kind == .taken && (error as? DropRefusal)?.suggestion == "b-1.jpg"
        }
        #expect(try directory.text("inbox/b.jpg") == "theirs" && directory.text("inbox/a.jpg") == "mine")
    }

    @Test(arguments: [
        "", ".", "..", "a/b.jpg", "/etc/passwd", "../a.jpg", ".hidden.jpg", "a.part", "a.PART", "Thumbs.db",
        "draft.jpg",
        "a\u{0}b.jpg", String(repeating: "x", count: 256), String(repeating: "é", count: 128),
    ])
    func `a name that is none, is too long or is passed over is refused, and nothing is made`(name: String) async throws
    {
        let inbox = folder(ignore: ["draft*"])
        #expect(await refusal(DropWish(name: name, bytes: 1), in: inbox)?.kind == .name)
        // As a directory, nothing is the folder itself, and a slash parts two names.
        if !["", "a/b.jpg"].contains(name) {
            #expect(await refusal(DropWish(name: "a.jpg", directory: name, bytes: 1), in: inbox)?.kind == .name)
        }
        #expect(try names().isEmpty && recorded().isEmpty)
    }

    @Test func `a name of 255 bytes fits`() async throws {
        let name = String(repeating: "x", count: 251) + ".jpg"
        let drop = try await begin(DropWish(name: name, bytes: 1))
        try await drop.append(Chunk([1]))
        _ = try await drop.finish()
        #expect(try names() == [name])
    }

    @Test func `a folder that takes none, or no directories, refuses`() async throws {
        #expect(await refusal(DropWish(name: "a.jpg", bytes: 1), in: folder(acceptsDrops: false))?.kind == .closed)
        let flat = folder(recursive: false)
        #expect(await refusal(DropWish(name: "a.jpg", directory: "sub", bytes: 1), in: flat)?.kind == .name)
        #expect(await refusal(DropWish(name: "a.jpg", bytes: 1), in: flat) == nil)
    }

    @Test func `a file that no cap would let up is refused by its size`() async throws {
        let limits = SizeLimits([.image: ByteCount(10), .video: ByteCount(20), .document: ByteCount(5)])
        #expect(await refusal(DropWish(name: "a.jpg", bytes: 20), in: folder(limits: limits)) == nil)
        #expect(await refusal(DropWish(name: "b.jpg", bytes: 21), in: folder(limits: limits))?.kind == .tooLarge)
        // Videos have no cap here.
        let some = SizeLimits([.image: ByteCount(10), .document: ByteCount(5)])
        #expect(await refusal(DropWish(name: "c.jpg", bytes: 21), in: folder(limits: some)) == nil)
        #expect(await refusal(DropWish(name: "d.jpg", bytes: .max), in: folder(limits: some))?.kind == .noRoom)
    }

    @Test func `a link or a file on the way is no directory`() async throws {
        try directory.makeDirectory("outside")
        try directory.link("inbox/link", to: directory.at("outside").string)
        try directory.write("inbox/file", "")
        for place in ["link", "link/deeper", "file", "file/deeper"] {
            #expect(await refusal(DropWish(name: "a.jpg", directory: place, bytes: 1))?.kind == .name, "\(place)")
        }
        #expect(try names("outside").isEmpty && recorded().isEmpty)
    }

    @Test func `a folder that is away or closed is no one's fault, and nothing is made`() async throws {
        try directory.remove("inbox")
        #expect(await refusal(DropWish(name: "a.jpg", bytes: 1))?.kind == .unavailable)
        #expect(recorded().isEmpty)
    }

    @Test func `a folder that is another one by the end gets nothing`() async throws {
        try directory.makeDirectory("other")
        func kind(after present: FolderPlan) async throws -> DropRefusal.Kind? {
            let isChanged = Monitor(false)
            let first = folder()
            let drop = try await Drop.begin(DropWish(name: "a.jpg", bytes: 1), records, on: threads) {
                isChanged.read { $0 } ? present : first
            }
            try await drop.append(Chunk([1]))
            isChanged.change { $0 = true }
            do {
                _ = try await drop.finish()
                return nil
            } catch {
                return (error as? DropRefusal)?.kind
            }
        }
        #expect(try await kind(after: folder(acceptsDrops: false)) == .closed)
        #expect(try await kind(after: folder(ignore: ["a.*"])) == .name)
        #expect(try await kind(after: folder(path: "other")) == .unavailable)
        try await settled()
        #expect(try names().isEmpty && names("other").isEmpty && recorded().isEmpty)
        #expect(try await kind(after: folder()) == nil)
    }

    @Test func `a path that is too long to be opened is refused at once`() async throws {
        let deep = Array(repeating: String(repeating: "d", count: 200), count: 25).joined(separator: "/")
        #expect(await refusal(DropWish(name: "a.jpg", directory: deep, bytes: 1))?.kind == .name)
        let many = Array(repeating: String(repeating: "d", count: 19), count: 190).joined(separator: "/")
        #expect(await refusal(DropWish(name: "a.jpg", directory: many, bytes: 1)) == nil)
        try await settled()
        #expect(try names().isEmpty)
    }

    @Test func `a drop that nobody waits for any more gets no name`() async throws {
        let drop = try await begin(DropWish(name: "a.jpg", bytes: 1))
        try await drop.append(Chunk([1]))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await drop.finish()
        }
        #expect((try? await task.value) == nil)
        #expect(try !names().contains("a.jpg"))
    }

    @Test func `the file is closed when it gets its name`() async throws {
        let drop = try await begin(DropWish(name: "a.jpg", bytes: 1))
        try await drop.append(Chunk([1]))
        let path = try await drop.finish()
        // Whoever looks whether a process writes to the file finds none, though the drop is still there.
        #expect(try SourceFile(path, beneath: directory.at("inbox")).isHeldForWriting == false)
        withExtendedLifetime(drop) {}
    }

    @Test func `a start removes what a killed process left, and nothing else`() async throws {
        try directory.write("inbox/a.jpg.0123456789abcdef.part", "ours")
        try directory.write("inbox/b.jpg.0123456789abcdef.part", "another program's")
        try directory.makeDirectory("away")
        let inbox = try OpenDirectory(directory.at("inbox")).identity()
        let away = try OpenDirectory(directory.at("away")).identity()
        let record = try records.add(directory.at("inbox/a.jpg.0123456789abcdef.part"), in: inbox)
        let gone = try records.add(directory.at("inbox/gone.part"), in: inbox)
        // Its disk is not mounted yet: another directory is at its place, or none.
        let unmounted = try records.add(directory.at("inbox/later.part"), in: away)
        let missing = try records.add(directory.at("nowhere/later.part"), in: away)
        try directory.write("inbox/x", "x")
        try directory.write("drops/noise", "no record")
        #expect(recorded().count == 5 && Set([record, gone, unmounted, missing]).count == 4)

        let next = DropRecords(directory.at("drops"))
        let young = try next.add(directory.at("inbox/x"), in: inbox)
        next.clear()

        #expect(try names() == ["b.jpg.0123456789abcdef.part", "x"])
        #expect(recorded().count == 3)
        for record in [young, unmounted, missing] { next.remove(record) }
        #expect(recorded().isEmpty)
    }
}
