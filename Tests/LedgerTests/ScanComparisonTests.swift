import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

/// What a scan asks the ledger: which files are new, and which rows it has seen.
@Suite(.timeLimit(.minutes(5))) struct ScanComparisonTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    private func look(_ directory: FilePath, _ files: [(FilePath.Component, FileVersion)]) -> FoundFiles {
        var found = FoundFiles(in: directory, folder: "inbox")
        for (name, version) in files { name.withBorrowedName { found.append($0, version) } }
        return found
    }

    @Test(
        arguments: [
            \FileVersion.device, \FileVersion.inode,
        ] as [any WritableKeyPath<FileVersion, UInt64> & Sendable]
    )
    func `a file with another device or inode is unhandled`(part: any WritableKeyPath<FileVersion, UInt64> & Sendable)
        async throws
    {
        try await ledger.upload(media("/in/a"))
        var other = version(1)
        other[keyPath: part] -= 1

        let comparison = try await ledger.compare([look("/in", [("a", other)])])

        #expect(comparison.unhandled == [[FoundFile(folder: "inbox", path: "/in/a", version: other)]])
        #expect(comparison.known.count == 1, "the row was seen, in whatever version")
    }

    @Test(
        arguments: [
            \FileVersion.size, \FileVersion.modified, \FileVersion.changed,
        ] as [any WritableKeyPath<FileVersion, Int64> & Sendable]
    )
    func `a file with another size or time is unhandled`(part: any WritableKeyPath<FileVersion, Int64> & Sendable)
        async throws
    {
        try await ledger.upload(media("/in/a"))
        var other = version(1)
        other[keyPath: part] += 1

        #expect(try await ledger.compare([look("/in", [("a", other)])]).unhandled.first?.count == 1)
        #expect(try await ledger.compare([look("/in", [("a", version(1))])]).unhandled == [[]])
    }

    @Test func `each list gets its own answer, in order`() async throws {
        try await ledger.upload(media("/in/b"))
        let lists = [
            look("/in", [("c", version(1)), ("b", version(1)), ("a", version(1))]), look("/in/none", []),
            look("/in/sub", [("b", version(1))]),
        ]

        let unhandled = try await ledger.compare(lists).unhandled.map { $0.map(\.path) }

        #expect(unhandled == [["/in/c", "/in/a"], [], ["/in/sub/b"]])
    }

    @Test func `a sweep gets the rows that were not seen, also past a page`() async throws {
        for number in 0..<9 { try await ledger.enqueue(media(FilePath("/in/\(number)")), at: at(1)) }
        let known = try await ledger.compare([look("/in", [("1", version(1)), ("4", version(2)), ("x", version(1))])])
        var seen = SeenFiles()
        seen.insert(known.known)

        var paths: [FilePath] = []
        var last: FilePath?
        repeat {
            let page = try await ledger.present(in: "inbox", except: seen, after: last, limit: 3)
            #expect(page.paths.count <= 3)
            paths += page.paths
            last = page.end
        } while last != nil

        #expect(paths == [0, 2, 3, 5, 6, 7, 8].map { FilePath("/in/\($0)") })
    }

    @Test func `names and states of all kinds are compared as the plain rule says`() async throws {
        var random = SeededGenerator()
        let letters: [CChar] = [97, 98, 45, 46, 32, -1, -61, 10, 126]
        var names: Set<FilePath.Component> = []
        while names.count < 120 {
            let name = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in
                letters.randomElement(using: &random)
            }
            if let name = FilePath.Component(platformString: name + [0]), name.kind == .regular { names.insert(name) }
        }
        let directories: [FilePath] = ["/", "/in", "/in/a", "/in/a b", "/in/a-"]
        for directory in directories {
            for name in names where Int.random(in: 0..<4, using: &random) > 0 {
                let file = media(directory.appending(name), Int64.random(in: 1...2, using: &random))
                switch Int.random(in: 0..<5, using: &random) {
                case 0: try await ledger.enqueue(file, at: at(1))
                case 1: try await ledger.reject(FoundFile(file), tooLarge, at: at(1))
                case 2: try await ledger.recordSettling([SettlingFile(FoundFile(file), reason: "new")], at: at(1))
                case 3: try await ledger.upload(file, UInt8.random(in: 1...200, using: &random))
                default:
                    try await ledger.upload(file, UInt8.random(in: 1...200, using: &random))
                    try await ledger.recordGone([file.path], at: at(2))
                }
            }
        }
        let lists = directories.map { directory in
            look(directory, names.map { ($0, version(Int64.random(in: 1...2, using: &random))) })
        }

        let comparison = try await ledger.compare(lists)

        var (rows, count) = (0, 0)
        for (list, unhandled) in zip(lists, comparison.unhandled) {
            var plain: [FoundFile] = []
            for file in [FoundFile](list) {
                let record = try await ledger.record(of: file.path)
                if record != nil { rows += 1 }
                if record?.isDealtWith(in: file.version) != true { plain.append(file) }
            }
            #expect(unhandled == plain, "seed \(random.seed)")
            count += plain.count
        }
        #expect(Set(comparison.known).count == rows, "seed \(random.seed)")
        #expect((1..<600).contains(count))
    }
}

extension FoundFile {
    fileprivate init(_ file: MediaFile) {
        self.init(folder: "inbox", path: file.path, version: file.version)
    }
}
