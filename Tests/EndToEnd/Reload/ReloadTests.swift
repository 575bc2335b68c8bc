import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// SIGHUP brings a new configuration: what did not change does not notice.
    struct ReloadTests {
        /// One way to change the configuration without touching the folder or the account that uploads.
        enum Change: String, CaseIterable, CustomTestStringConvertible {
            case comment = "a comment"
            case key = "another account's key"
            case account = "another account's concurrency"
            case newFolder = "a new folder and its account"
            case lessFolders = "a folder less"
            case otherFolder = "another folder's limits"
            case lessAccounts = "an account less"

            var testDescription: String { rawValue }

            func yaml(_ bench: Bench, _ busy: Bench.Folder) throws -> String {
                let idle = Bench.Folder(name: "idle", account: busy.account)
                let spare = Bench.Account(name: "spare", provider: "postbreeze")
                let folders = [busy, idle, Bench.Folder(name: "third", account: "spare")]
                let accounts = Bench.Account.usual
                switch self {
                case .comment: return "# one line more\n" + bench.yaml(folders, accounts: [spare] + accounts)
                case .key:
                    try bench.writeKey("pb_live_other", of: "spare")
                    return bench.yaml(folders, accounts: accounts + [spare])
                case .account:
                    let slow = Bench.Account(name: "spare", provider: "postbreeze", lines: ["concurrency: 1"])
                    return bench.yaml(folders, accounts: accounts + [slow])
                case .newFolder:
                    try bench.makeDirectory("fourth")
                    try bench.writeKey("pb_live_sandbox", of: "new")
                    return bench.yaml(
                        folders + [Bench.Folder(name: "fourth", account: "new")],
                        accounts: accounts + [spare, Bench.Account(name: "new", provider: "postbreeze")]
                    )
                case .lessFolders: return bench.yaml([busy, folders[2]], accounts: accounts + [spare])
                case .otherFolder:
                    let limited = Bench.Folder(name: "idle", account: busy.account, lines: ["limits: {video: 1MB}"])
                    return bench.yaml([folders[2], limited, busy], accounts: accounts + [spare])
                case .lessAccounts: return bench.yaml([busy, idle], accounts: accounts)
                }
            }

            /// The configuration that all begin with.
            static func begin(_ bench: Bench, _ busy: Bench.Folder) throws {
                for name in ["idle", "third"] { try bench.makeDirectory(name) }
                try bench.writeKey("pb_live_sandbox", of: "spare")
                let yaml = bench.yaml(
                    [
                        busy, Bench.Folder(name: "idle", account: busy.account),
                        Bench.Folder(name: "third", account: "spare"),
                    ],
                    accounts: Bench.Account.usual + [Bench.Account(name: "spare", provider: "postbreeze")]
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [Change.comment, .account, .lessFolders])
        func `a file of 200 MB that is on its way is sent once`(change: Change) async throws {
            let video = Media.mp4(bytes: 200 << 20)
            let busy = Bench.Folder(name: "inbox")
            try await withBench([busy]) { bench in
                try Change.begin(bench, busy)
                try await bench.withDaemon { daemon in
                    try bench.write(video, to: "inbox/a.mp4")
                    try await daemon.waitForLog("file settled")
                    // Its storage takes no more than fits into the sockets until then.
                    bench.sandbox.weather.latency = .seconds(6)
                    let before = try daemon.bytesRead()
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    try await wait(for: "the upload to begin") { try daemon.bytesRead() > before + 256 << 10 }

                    try await bench.reload(daemon, change.yaml(bench, busy))
                    #expect(bench.page.puts.isEmpty, "the reload came too late to show anything")
                    bench.sandbox.weather.latency = .zero
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1)
                #expect(bench.page.puts.count == 1 && bench.page.puts[0].receivedBytes == Int64(video.count))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Change.allCases)
        func `each part of a multipart upload that is on its way is sent once`(change: Change) async throws {
            let video = Media.mp4(bytes: 100 << 20)
            let busy = Bench.Folder(name: "inbox", account: "linkedin")
            try await withBench([busy]) { bench in
                try Change.begin(bench, busy)
                bench.sandbox.weather.latency = .milliseconds(400)
                try await bench.withDaemon { daemon in
                    try bench.write(video, to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { $0.puts.count >= 5 }

                    try await bench.reload(daemon, change.yaml(bench, busy))
                    #expect(bench.page.puts.count < 20, "the reload came too late to show anything")
                    bench.sandbox.weather.latency = .zero
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1)
                #expect(bench.page.puts.compactMap(\.part).sorted() == Array(1...25))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a changed account breaks off its own upload, which goes on with the parts that are missing`() async throws
        {
            let video = Media.mp4(bytes: 80 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                bench.sandbox.weather.latency = .milliseconds(400)
                try await bench.withDaemon { daemon in
                    try bench.write(video, to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { $0.puts.count(where: \.stored) >= 5 }
                    let changed = bench.yaml([.init(account: "linkedin")])
                        .replacing("account_id: test", with: "account_id: test\n    concurrency: 2")

                    try await bench.reload(daemon, changed)
                    bench.sandbox.weather.latency = .zero
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1, "a second asset was asked for")
                // Three are under way at a time.
                #expect(bench.page.puts.count(where: \.stored) <= 20 + 3)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an upload of a folder that is watched no more is broken off, another one of its account is not`()
            async throws
        {
            let folders = [Bench.Folder(account: "linkedin"), Bench.Folder(name: "second", account: "linkedin")]
            try await withBench(folders) { bench in
                bench.sandbox.weather.latency = .milliseconds(400)
                try await bench.withDaemon { daemon in
                    try bench.write(Media.mp4(bytes: 80 << 20, number: 1), to: "inbox/a.mp4")
                    try bench.write(Media.mp4(bytes: 81 << 20, number: 2), to: "second/b.mp4")
                    _ = try await bench.sandbox.books.wait { page in
                        page.assets.count == 2
                            && page.assets.allSatisfy { asset in page.puts.contains { $0.asset == asset.id } }
                    }

                    try await bench.reload(daemon, bench.yaml([folders[0]]))
                    bench.sandbox.weather.latency = .zero
                    try await bench.waitForEntry("inbox/a.mp4")
                    try await daemon.waitForLog("file does not go up any more") { $0.contains("second/b.mp4") }
                }

                try bench.expectUploadedOnce("inbox/a.mp4", Media.mp4(bytes: 80 << 20, number: 1), kind: "VIDEO")
                #expect(try bench.manifest()?.entries.count == 1)
                #expect(bench.page.assets.count(where: \.isComplete) == 1)
                #expect(bench.page.puts.count == Set(bench.page.puts.map { "\($0.asset) \($0.part ?? 0)" }).count)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload that comes while one still ends is taken after it`() async throws {
            let folders = [Bench.Folder(), Bench.Folder(name: "hung")]
            try await withBench(folders) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.add("b.pdf", Media.pdf())
                    try await bench.withDaemon(in: disk) { daemon in
                        try await bench.waitForEntry("hung/b.pdf")
                        disk.hang(.all)
                        try bench.makeDirectory("third")

                        // Its thread is waited for a while.
                        try bench.write(Array(bench.yaml([folders[0]]).utf8), to: "outtray.yaml")
                        try daemon.send(SIGHUP)
                        try bench.write(
                            Array(bench.yaml([folders[0], Bench.Folder(name: "third")]).utf8),
                            to: "next.yaml"
                        )
                        try await Task.sleep(for: .milliseconds(300))
                        try bench.move("next.yaml", to: "outtray.yaml")
                        try daemon.send(SIGHUP)

                        try await daemon.waitForLog(" watching") { $0.contains("inbox, third") }
                        try bench.write(Media.jpeg(1), to: "third/a.jpg")
                        try bench.write(Media.jpeg(2), to: "inbox/a.jpg")
                        try await bench.waitForEntry("third/a.jpg")
                        try await bench.waitForEntry("inbox/a.jpg")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the manifest goes on in another place`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try bench.makeDirectory("elsewhere")
                    let yaml = bench.yaml([.init()])
                        .replacing("\(bench.root)/manifest.", with: "\(bench.root)/elsewhere/manifest.")

                    try await bench.reload(daemon, yaml)
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    try await wait(for: "both entries") {
                        let text = try? String(
                            contentsOfFile: bench.path("elsewhere/manifest.json").string,
                            encoding: .utf8
                        )
                        return text?.contains("a.jpg") == true && text?.contains("b.jpg") == true
                    }
                }

                #expect(try bench.manifest()?.entries.count == 1, "the old one was written")
            }
        }
    }
}

extension Bench {
    /// Writes the configuration, and returns when the daemon has taken it.
    func reload(_ daemon: RunningProcess, _ yaml: String) async throws {
        let before = daemon.lines("configuration read again")
        try write(Array(yaml.utf8), to: "outtray.yaml")
        try daemon.send(SIGHUP)
        try await daemon.waitForLog("configuration read again", times: before + 1)
    }
}
