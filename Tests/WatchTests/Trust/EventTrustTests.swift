import SystemPackage
import Testing
import Threads

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

            trust.forget(keepingSilent: true)

            #expect(trust.verdict(on: file) == .poll(.refused(.notDirectory)))
        }
    }

    /// A canary without inotify, as long as `failure` has an error.
    private static func limited(by failure: Monitor<Errno?>, _ canary: Canary = Canary()) -> Canary {
        Canary(awaiting: canary.awaited, within: .milliseconds(20)) { () throws(Errno) in
            if let error = failure.read({ $0 }) { throw error }
            return try Inotify()
        }
    }

    @Test(arguments: [
        (Errno.noSpace, PollCause.tooFewWatches),
        (.tooManyOpenFiles, .noInotify(.tooManyOpenFiles)),
        (.tooManyOpenFilesInSystem, .noInotify(.tooManyOpenFilesInSystem)),
    ])
    func `a limit that has run out decides nothing, and is not remembered`(error: Errno, cause: PollCause) throws {
        let failure = Monitor<Errno?>(error)
        var trust = EventTrust(mode: .auto, canary: Self.limited(by: failure)) { _ in .uncertain("x") }
        try directory.closeAfter {
            #expect(trust.verdict(on: directory) == .undecided(cause))
            failure.change { $0 = nil }
            #expect(trust.verdict(on: directory) == .watch)
        }
    }

    @Test func `what was silent stays polled while a limit has run out, and is asked again after that`() throws {
        let failure = Monitor<Errno?>(nil)
        let canary = Self.limited(by: failure, CanaryTests.deaf)
        var trust = EventTrust(mode: .auto, canary: canary) { _ in .uncertain("x") }
        try directory.closeAfter {
            #expect(trust.verdict(on: directory) == .poll(.unheard("x")))
            trust.forget()
            failure.change { $0 = .tooManyOpenFiles }
            #expect(trust.verdict(on: directory) == .poll(.unheard("x")))
        }
    }

    @Test func `after lost events, a silent file system is not asked again`() throws {
        let asked = Monitor(0)
        let canary = Canary(awaiting: CanaryTests.deaf.awaited, within: .milliseconds(20)) { () throws(Errno) in
            asked.change { $0 += 1 }
            return try Inotify()
        }
        var trust = EventTrust(mode: .auto, canary: canary) { _ in .uncertain("x") }
        try directory.closeAfter {
            for _ in 0..<3 {
                #expect(trust.verdict(on: directory) == .poll(.unheard("x")))
                trust.forget(keepingSilent: true)
            }
            #expect(asked.read { $0 } == 1)
            trust.forget()
            #expect(trust.verdict(on: directory) == .poll(.unheard("x")))
            #expect(asked.read { $0 } == 2)
        }
    }
}
