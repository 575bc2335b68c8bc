import Dispatch
import Foundation
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import outtray

@Suite(.timeLimit(.minutes(5))) struct FolderProbeTests {
    @Test func `a folder that answers is not silent, be it there or not, and named twice or once`() throws {
        let directory = try TemporaryDirectory()

        let silent = FolderProbe.silent(among: [directory.path, directory.at("none"), directory.path])

        #expect(silent.isEmpty)
    }

    @Test func `what lies beneath a silent path is silent, what only begins alike is not`() {
        let probe = FolderProbe(silent: ["/net/disk"])

        #expect(probe.isSilent("/net/disk") && probe.isSilent("/net/disk/a/b"))
        #expect(!probe.isSilent("/net/disk2") && !probe.isSilent("/net"))
    }

    @Test func `a place is that of the look, also when the folder is another one by now`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("in")
        try directory.makeDirectory("out")
        let text = "accounts: {a: {provider: sandbox}}\nfolders: {in: {account: a, path: \(directory.at("in"))}}\n"
        let folders = try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"]).folders

        let probe = FolderProbe.look(at: folders)
        try FileManager.default.removeItem(atPath: directory.at("in").string)
        try directory.link("in", to: "out")

        #expect(probe.silent.isEmpty)
        #expect(probe.place(of: directory.at("in")).overlap(with: DirectoryPlace(of: directory.at("out"))) == nil)
    }

    @Test func `a folder that does not answer in time is told, and those that do are not`() {
        let answer = DispatchSemaphore(value: 0)

        let silent = FolderProbe.silent(among: ["/hung", "/well", "/hung"], within: .milliseconds(50)) { path in
            if path == "/hung" { answer.wait() }
        }

        #expect(silent == ["/hung"])
        answer.signal()
    }

    @Test func `all folders are asked at once, so that the patience is that of one`() {
        let missing = Mutex(3)
        let all = DispatchSemaphore(value: 0)

        // Each waits for the last one.
        let silent = FolderProbe.silent(among: ["/a", "/b", "/c"], within: .seconds(30)) { _ in
            let isLast = missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
            if !isLast { all.wait() }
            all.signal()
        }

        #expect(silent.isEmpty)
    }
}
