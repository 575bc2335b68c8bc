import SystemPackage
import Testing

@testable import Watch

struct FoundFilesTests {
    private let odd = FilePath.Component(platformString: [-1, 0x2E, 0x70, 0])

    private func files(_ directory: FilePath, _ names: [FilePath.Component]) -> FoundFiles {
        var files = FoundFiles(in: directory, folder: "in")
        for (number, name) in names.enumerated() { name.withBorrowedName { files.append($0, version(Int64(number))) } }
        return files
    }

    private func version(_ number: Int64) -> FileVersion {
        FileVersion(device: 1, inode: 2, size: number, modified: 3, changed: 4)
    }

    @Test func `each file keeps its name, its version and its place`() throws {
        let odd = try #require(odd)
        let files = files("/in/a", ["b.mp4", odd, "a"])

        #expect(files.paths == ["/in/a/b.mp4", FilePath("/in/a").appending(odd), "/in/a/a"])
        var sizes: [Int64] = []
        files.forEach { sizes.append($1.size) }
        #expect(sizes == [0, 1, 2])
    }

    @Test(arguments: ["/", "/in", "/in/a b"])
    func `the bytes of each path are those of the path`(directory: String) throws {
        let files = files(FilePath(directory), ["long name.mp4", try #require(odd), "x"])

        var paths: [FilePath] = []
        files.forEachPath { bytes, _ in
            paths.append(FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0]))
        }

        #expect(paths == files.paths)
        #expect(paths.count == 3)
    }

    @Test func `files are parted by their names`() {
        let files = files("/in", ["a.mp4", "a.srt", "b.srt", "c"])

        let (others, sidecars) = files.parted(by: NamePatterns(["*.srt"]))

        #expect(others.paths == ["/in/a.mp4", "/in/c"])
        #expect(sidecars.paths == ["/in/a.srt", "/in/b.srt"])
        #expect(files.parted(by: NamePatterns()).others == files)
    }

    @Test func `one file is the same as a list of it`() {
        #expect(FoundFiles("/in/a/b.mp4", version(0), folder: "in") == files("/in/a", ["b.mp4"]))
    }
}
