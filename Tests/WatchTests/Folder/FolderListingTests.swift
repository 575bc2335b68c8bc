import SystemPackage
import Testing

@testable import Watch

@Suite struct FolderListingTests {
    @Test func `the files that a folder takes are listed, beneath any of its directories`() throws {
        let folder = try TemporaryFolder()
        for name in ["a.jpg", ".hidden", "b.part", "sub/c.jpg", "sub/deep/d.jpg", ".git/e.jpg"] {
            let path = folder.path.pushing(FilePath(name))
            try Disk.makeDirectories(path.removingLastComponent())
            try Disk.write(to: path)
        }
        try Disk.link(folder.path.appending("link"), to: "/")
        let watched = WatchedFolder(name: "in", path: folder.path)
        let flat = WatchedFolder(name: "in", path: folder.path, recursive: false)
        func list(_ directory: FilePath, _ folder: WatchedFolder) throws -> [String] {
            let start = watched.path.string + "/"
            let paths = try FolderListing.files(beneath: directory, of: folder).map(\.string)
            #expect(paths.allSatisfy { $0.hasPrefix(start) })
            return paths.map { String($0.dropFirst(start.count)) }.sorted()
        }

        #expect(try list(folder.path, watched) == ["a.jpg", "sub/c.jpg", "sub/deep/d.jpg"])
        #expect(try list(folder.path.appending("sub"), watched) == ["sub/c.jpg", "sub/deep/d.jpg"])
        #expect(try list(folder.path, flat) == ["a.jpg"])
        #expect(try list(folder.path.appending("none"), watched) == [])
        #expect(try list(folder.path.appending("link"), watched) == [])
        #expect(try list("/elsewhere", watched) == [])
    }
}
