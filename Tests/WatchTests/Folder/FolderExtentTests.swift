import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Watch

@Suite struct FolderExtentTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["a", "a/b", "c", ".hidden", ".hidden/d", "x.draft.d"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        try Disk.write(to: folder.path.appending("file"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "a")
    }

    @Test func `each directory that is watched counts, and none that is passed over`() {
        let extent = FolderExtent(of: folder.watched(ignore: ["*.draft.*"]))

        #expect(extent.directories == 4)
        #expect(extent.isWhole && extent.unread == 0 && extent.polled == nil)
        #expect(FolderExtent(of: folder.watched(recursive: false)).directories == 1)
    }

    @Test func `how the folder is watched is told as the watcher decides`() {
        func extent(_ mode: WatchMode, _ kind: FileSystemKind) -> FolderExtent {
            let trust = EventTrust(mode: mode, canary: CanaryTests.deaf) { _ in kind }
            return FolderExtent(of: folder.watched(), trust: trust)
        }

        #expect(extent(.poll, .local).polled == .configured)
        #expect(extent(.auto, .silent("NFS")).polled == .fileSystem("NFS"))
        #expect(extent(.auto, .uncertain("x")).polled == .unheard("x"))
        let canary = Canary { () throws(Errno) in throw .tooManyOpenFiles }
        let limited = FolderExtent(
            of: folder.watched(),
            trust: EventTrust(mode: .auto, canary: canary) { _ in .uncertain("x") }
        )
        #expect(limited.polled == .noInotify(.tooManyOpenFiles) && limited.polled?.needsWatch == true)
        #expect(limited.polled?.advice()?.contains("fs.inotify.max_user_instances") == true)
        #expect(PollCause.refused(.permissionDenied).needsWatch && !PollCause.fileSystem("NFS").needsWatch)
        let trusting = extent(.inotify, .silent("NFS"))
        #expect(trusting.polled == nil && trusting.trusted == "NFS" && trusting.directories == 5)
    }

    @Test func `a count that may not go on says that it is not whole`() {
        var looks = 0
        let extent = FolderExtent(of: folder.watched()) {
            looks += 1
            return looks <= 2
        }

        #expect(extent.directories == 2 && !extent.isWhole)
    }

    @Test func `a folder that is not there has no directory`() {
        let extent = FolderExtent(of: WatchedFolder(name: "in", path: folder.path.appending("none")))

        #expect(extent.directories == 0 && extent.unread == 0 && extent.isWhole)
    }

    @Test(.enabled(if: getuid() != 0)) func `a directory that is closed to this user is named`() throws {
        let closed = folder.path.appending("a")
        #expect(chmod(closed.string, 0) == 0)
        defer { chmod(closed.string, 0o755) }

        let extent = FolderExtent(of: folder.watched())

        #expect(extent.unread == 1 && extent.firstUnread == closed)
    }
}
