import SystemPackage
import Testing

@testable import Watch

@Suite(.timeLimit(.minutes(5)))
struct EventTrustTests {
    private let folder: TemporaryFolder
    private let directory: FileDescriptor

    init() throws {
        folder = try TemporaryFolder()
        directory = try FileDescriptor.open(folder.path, .readOnly, options: [.closeOnExec])
    }

    private func verdict(
        _ mode: WatchMode,
        _ kind: FileSystemKind,
        _ canary: Canary = Canary()
    ) -> EventTrust.Verdict {
        var trust = EventTrust(mode: mode, canary: canary) { _ in kind }
        return trust.verdict(on: directory)
    }

    @Test func `auto polls what is silent, watches what is local, and asks of the rest`() throws {
        try directory.closeAfter {
            #expect(verdict(.auto, .local, CanaryTests.deaf) == .watch)
            #expect(verdict(.auto, .silent("NFS")) == .poll(.fileSystem("NFS")))
            #expect(verdict(.auto, .uncertain("x")) == .watch)
            #expect(verdict(.auto, .uncertain("x"), CanaryTests.deaf) == .poll(.unheard("x")))
        }
    }

    @Test func `inotify watches all, and says where that misses something; poll watches nothing`() throws {
        try directory.closeAfter {
            #expect(verdict(.inotify, .local) == .watch)
            #expect(verdict(.inotify, .silent("NFS")) == .watchDespite(fileSystem: "NFS"))
            #expect(verdict(.inotify, .uncertain("x"), CanaryTests.deaf) == .watch)
            for kind in [FileSystemKind.local, .silent("NFS"), .uncertain("x")] {
                #expect(verdict(.poll, kind) == .poll(.configured))
            }
        }
    }

    @Test func `a file system is asked once, and again after what was known is forgotten`() throws {
        let name = folder.path.appending("a")
        try Disk.write(to: name)
        // Of a file, an answer would be that it is no directory.
        let file = try FileDescriptor.open(name, .readOnly, options: [.closeOnExec])
        var trust = EventTrust(mode: .auto) { _ in .uncertain("x") }
        try file.closeAfter {
            try directory.closeAfter { #expect(trust.verdict(on: directory) == .watch) }
            #expect(trust.verdict(on: file) == .watch)

            trust.forget()

            #expect(trust.verdict(on: file) == .poll(.refused(.notDirectory)))
        }
    }
}
