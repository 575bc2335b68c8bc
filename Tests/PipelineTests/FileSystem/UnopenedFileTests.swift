import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files that were queued and could not be opened, in a real directory.
@Suite struct UnopenedFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A file as it was queued. `device`: if it was on another one.
    private func queued(_ name: String, device: UInt64? = nil, beneath root: String = "") throws -> MediaFile {
        let file = try directory.media(name)
        let now = file.version
        return MediaFile(
            folder: "inbox",
            root: root.isEmpty ? directory.path : directory.at(root),
            path: file.path,
            version: FileVersion(
                device: device ?? now.device,
                inode: now.inode,
                size: now.size,
                modified: now.modified,
                changed: now.changed
            ),
            account: file.account,
            mime: file.mime,
            kind: file.kind,
            uploadName: file.uploadName
        )
    }

    private func look(_ file: MediaFile, _ error: SourceFileError = .missing) -> UnopenedFile {
        UnopenedFile.look(at: file, after: error)
    }

    @Test func `a file that was removed has left, and so has one with something else in its place`() throws {
        try directory.write("sub/a.jpg", "bytes")
        let file = try queued("sub/a.jpg")
        try directory.remove("sub/a.jpg")

        #expect(look(file) == .gone)
        try directory.makeDirectory("sub/a.jpg")
        #expect(look(file, .notRegular) == .gone)
    }

    @Test func `a file whose file system is not mounted has not left, nor has any beside it`() throws {
        try directory.write("sub/deep/a.jpg", "bytes")
        let file = try queued("sub/deep/a.jpg", device: 1)
        try directory.remove("sub/deep")

        guard case .undecided(directory.at("sub"), _) = look(file) else { return fail("\(look(file))") }
        // Something is in the directory by now: it was no mount point.
        try directory.write("sub/deep/b.jpg", "bytes")
        #expect(look(file) == .gone)
    }

    @Test func `a mount point that was removed holds back nothing beside it`() throws {
        try directory.write("card/dcim/a.jpg", "bytes")
        try directory.write("b.jpg", "bytes")
        let file = try queued("card/dcim/a.jpg", device: 1)
        try directory.remove("card")

        guard case .undecided(directory.at("card"), _) = look(file) else { return fail("\(look(file))") }
        try directory.remove("b.jpg")
        // Now the folder itself may be the mount point.
        guard case .undecided(directory.path, _) = look(file) else { return fail("\(look(file))") }
    }

    @Test func `only the file itself is to blame for what it denies`() throws {
        try directory.write("sub/a.jpg", "bytes")
        let file = try queued("sub/a.jpg")

        #expect(look(file, .denied) == .unreadable)
        #expect(look(file, .missing) == .undecided(directory: directory.at("sub"), reason: "it was away for a moment"))
        try directory.write("sub/a.jpg", "other bytes")
        #expect(look(file, .denied) == .changed)
    }

    @Test func `a folder that is away has lost nothing`() throws {
        try directory.write("sub/a.jpg", "bytes")
        let file = try queued("sub/a.jpg", beneath: "sub")
        try directory.remove("sub")

        guard case .undecided(directory.at("sub"), _) = look(file) else { return fail("\(look(file))") }
    }
}
