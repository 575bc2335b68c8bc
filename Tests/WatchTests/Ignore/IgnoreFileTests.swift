import Glibc
import SystemPackage
import Testing

@testable import Watch

/// What an `.outtrayignore` on the disk counts as.
@Suite struct IgnoreFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(in directory: FilePath = FilePath()) throws -> IgnoreFile {
        try IgnoreFiles(of: folder.watched()).file(in: directory)
    }

    @Test func `a file of too many patterns is not known, and one of so many is`() throws {
        let most = String(repeating: "a\n", count: IgnoreFile.mostPatterns)
        try Disk.write(most + "# a comment\n\n", to: folder.path.appending(IgnoreFile.name))
        guard case .rules(let list) = try read() else {
            Issue.record("not read")
            return
        }
        #expect(list.count == IgnoreFile.mostPatterns)

        try Disk.write(most + "b\n", to: folder.path.appending(IgnoreFile.name))
        #expect(try read() == .unknown(.argListTooLong))
        #expect(IgnoreFile.isOfFile(.argListTooLong))
        #expect(IgnoreFile.words(.argListTooLong).contains("1,000"))
    }

    @Test func `a socket or a pipe of that name is no regular file, until it changes`() throws {
        let path = folder.path.appending(IgnoreFile.name)
        for kind in [S_IFSOCK, S_IFIFO] {
            try #require(path.withPlatformString { mknod($0, kind | 0o600, 0) } == 0)
            #expect(try read() == .unknown(.invalidArgument))
            try Disk.remove(path)
        }
        #expect(IgnoreFile.isOfFile(.invalidArgument))
    }

    @Test func `a file is read below more than 4,095 bytes of path, and a name that is too long has none`() throws {
        let name = String(repeating: "d", count: 250)
        var open = [try FileDescriptor.open(folder.path, .readOnly, options: [.directory])]
        defer { for directory in open { try? directory.close() } }
        var path = FilePath()
        for _ in 0..<17 {
            let parent = open[open.count - 1].rawValue
            try #require(mkdirat(parent, name, 0o755) == 0)
            open.append(FileDescriptor(rawValue: openat(parent, name, O_RDONLY | O_DIRECTORY)))
            path.append(name)
        }
        let deepest = open[open.count - 1].rawValue
        #expect(try read(in: path) == .none)
        let file = FileDescriptor(rawValue: openat(deepest, IgnoreFile.name.string, O_WRONLY | O_CREAT, 0o644))
        try file.closeAfter { _ = try file.writeAll("*.png".utf8) }

        #expect(try read(in: path) == .rules(IgnoreList(file: Array("*.png".utf8))))
        #expect(try read(in: FilePath(String(repeating: "n", count: 300))) == .none)

        #expect(unlinkat(deepest, IgnoreFile.name.string, 0) == 0)
        for parent in open.dropLast().reversed() {
            #expect(unlinkat(parent.rawValue, name, Int32(AT_REMOVEDIR)) == 0)
        }
    }

    @Test func `what a file says is forgotten with its directory, and with one above`() {
        var tree = WatchTree(root: "/in")
        let above = tree.insert("a", in: tree.root)
        let below = tree.insert("b", in: above)
        for id in [tree.root, above, below] { tree.note(.unknown(.ioError), of: id) }

        _ = tree.remove(above)

        #expect(Array(tree.ignoreFiles.keys) == [tree.root])
        tree.note(.unknown(.ioError), of: below)
        tree.note(.none, of: tree.root)
        #expect(tree.ignoreFiles.isEmpty)
    }
}
