import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct FileWaitsTests {
    /// Files and directories as a service would know them.
    private final class Disk: Sendable {
        struct State {
            var verdicts: [FilePath: Bool?] = [:]
            var directories: [FilePath: [FilePath]] = [:]
            var looks: [FilePath: Int] = [:]
            var lists: [FilePath: Int] = [:]
        }
        let state = Monitor(State())

        /// true: up; false: rejected; nil: waits.
        func put(_ path: FilePath, _ verdict: Bool?) { state.change { $0.verdicts[path] = .some(verdict) } }
        func list(_ path: FilePath, _ files: [FilePath]) { state.change { $0.directories[path] = files } }
        func looks(at path: FilePath) -> Int { state.read { $0.looks[path] ?? 0 } }
        func lists(of path: FilePath) -> Int { state.read { $0.lists[path] ?? 0 } }

        var waits: FileWaits { waits() }

        func waits(shown: @escaping @Sendable () async throws -> Void = {}) -> FileWaits {
            FileWaits(
                look: { paths in
                    self.state.change { state in
                        paths.map { path in
                            state.looks[path, default: 0] += 1
                            return Self.file(path, state.verdicts[path])
                        }
                    }
                },
                list: { path in
                    self.state.change { state in
                        state.lists[path, default: 0] += 1
                        return state.directories[path]
                    }
                },
                shown: shown
            )
        }

        private static func file(_ path: FilePath, _ verdict: Bool??) -> WaitedFile {
            switch verdict {
            case .none: WaitedFile(path, now: .missing, record: nil, row: nil, outside: nil)
            case .some(.none): WaitedFile(path, now: .unknown("on its way"), record: nil, row: nil, outside: nil)
            case .some(.some(false)): WaitedFile(path, now: .noFile, record: nil, row: nil, outside: nil)
            case .some(.some(true)):
                WaitedFile(path, now: .missing, record: nil, row: .present(path), outside: nil)
            }
        }
    }

    private let disk = Disk()

    private func running(_ body: @Sendable (FileWaits) async throws -> Void) async throws {
        let waits = disk.waits
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await waits.run() }
            try await body(waits)
            group.cancelAll()
        }
    }

    private func news(_ path: FilePath) -> PipelineEvent { .status(path, .ready) }

    @Test func `a wait ends when all files are there, or cannot come there`() async throws {
        disk.put("/in/a", true)
        disk.put("/in/b", nil)
        disk.put("/in/c", nil)
        let disk = disk
        try await running { waits in
            async let report = waits.wait(for: ["/in/a", "/in/b", "/in/c"], .uploaded, within: .seconds(50))
            try await untilSo { waits.count == 3 && disk.looks(at: "/in/c") == 1 }
            disk.put("/in/b", true)
            waits.observe(.status("/in/b", .ready))
            try await untilSo { disk.looks(at: "/in/b") == 2 }
            disk.put("/in/c", false)
            waits.observe(.rejected("/in/c", Rejection(.empty, "")))

            let told = try await report
            #expect(told.there == 2 && told.failed == ["/in/c": "it is no regular file"] && told.pending.isEmpty)
            #expect(waits.count == 0)
        }
    }

    @Test func `a wait goes on until the manifest shows what came of the files, or its time is over`() async throws {
        disk.put("/in/a", true)
        let (asked, shows) = (Doorbell(), Doorbell())
        let waits = disk.waits {
            asked.ring()
            await shows.wait()
        }
        async let report = waits.wait(for: ["/in/a"], .uploaded, within: .seconds(50))
        await asked.wait()
        shows.ring()
        #expect(try await report.there == 1)

        disk.put("/in/b", false)
        let late = try await waits.wait(for: ["/in/a", "/in/b"], .uploaded, within: .zero, looks: .milliseconds(20))
        #expect(late.there == 0 && late.failed.count == 1)
        #expect(late.pending == ["/in/a": "it is up, and the manifest does not show it yet"])
    }

    @Test func `a path that becomes a directory is waited for as one`() async throws {
        let disk = disk
        try await running { waits in
            async let report = waits.wait(for: ["/in/new", "/in/never"], .uploaded, within: .seconds(50))
            try await untilSo { waits.count == 2 }
            disk.list("/in/new", ["/in/new/a"])
            disk.put("/in/new/a", true)
            disk.put("/in/new", false)
            try await untilSo { disk.looks(at: "/in/new/a") == 1 }
            disk.put("/in/never", true)
            waits.observe(news("/in/never"))

            let told = try await report
            #expect(told.there == 2 && told.failed.isEmpty && told.pending.isEmpty)
            #expect(waits.count == 0)
        }
    }

    @Test func `a directory that is made while it is waited for ends no wait before it has files`() async throws {
        let disk = disk
        disk.put("/in/late", nil)
        try await running { waits in
            async let report = waits.wait(for: ["/in/new", "/in/late"], .uploaded, within: .seconds(50))
            try await untilSo { waits.count == 2 && disk.lists(of: "/in/new") > 1 }
            disk.list("/in/new", [])
            disk.put("/in/new", false)
            let before = disk.lists(of: "/in/new")
            try await untilSo { disk.lists(of: "/in/new") > before + 1 }
            #expect(waits.count == 2)

            disk.put("/in/new/a", true)
            disk.list("/in/new", ["/in/new/a"])
            disk.put("/in/late", true)
            waits.observe(news("/in/late"))
            #expect(try await report == FileWaits.Report(there: 2))
        }
    }

    @Test func `a path that is a directory when the time is over is no odd file`() async throws {
        let disk = disk
        try await running { waits in
            async let report = waits.wait(for: ["/in/new"], .uploaded, within: .milliseconds(600))
            try await untilSo { waits.count == 1 }
            disk.list("/in/new", ["/in/new/a"])
            disk.put("/in/new/a", nil)
            disk.put("/in/new", false)

            let told = try await report
            #expect(told.failed.isEmpty && told.pending == ["/in/new/a": "on its way"])
        }
    }

    @Test func `when the time is over, the answer says what is still waited for`() async throws {
        disk.put("/in/a", nil)
        let told = try await disk.waits.wait(for: ["/in/a"], .uploaded, within: .zero)
        #expect(told.pending == ["/in/a": "on its way"] && told.there == 0)
    }

    /// A file system that does not answer takes longer than any time of a wait.
    @Test func `a look that hangs ends with the time`() async throws {
        let hung = FileWaits(
            look: { _ in try await Promise<[WaitedFile]>().value() },
            list: { path in path == "/hung" ? try await Promise<[FilePath]?>().value() : nil }
        )

        let told = try await hung.wait(
            for: ["/in/a", "/hung"],
            .uploaded,
            within: .milliseconds(10),
            looks: .milliseconds(10)
        )

        let reason = "it could not be looked at yet: its file system does not answer"
        #expect(told.there == 0 && told.failed.isEmpty && told.pending["/hung"] == reason)
        #expect(told.pending.values.allSatisfy { $0 == reason })
        #expect(hung.count == 0)
    }

    @Test func `an event costs one look, however many wait for its file, and none for others`() async throws {
        disk.put("/in/a", nil)
        let disk = disk
        try await running { waits in
            try await withThrowingTaskGroup(of: FileWaits.Report.self) { group in
                for _ in 0..<1000 {
                    group.addTask { try await waits.wait(for: ["/in/a"], .uploaded, within: .seconds(50)) }
                }
                try await untilSo { disk.looks(at: "/in/a") == 1000 }
                for number in 0..<1000 { waits.observe(.status(FilePath("/in/other\(number)"), .ready)) }
                disk.put("/in/a", true)
                waits.observe(.status("/in/a", .ready))
                var count = 0
                for try await report in group where report.there == 1 { count += 1 }
                #expect(count == 1000)
            }
            #expect(disk.looks(at: "/in/a") == 1001 && disk.looks(at: "/in/other1") == 0)
        }
    }

    @Test func `of a directory, files that come meanwhile are waited for, and those that left are not`() async throws {
        for name in ["/in/a", "/in/b", "/in/late"] { disk.put(FilePath(name), nil) }
        disk.list("/in", ["/in/a", "/in/b"])
        let disk = disk
        try await running { waits in
            async let report = waits.wait(for: ["/in"], .uploaded, within: .seconds(50))
            try await untilSo { waits.count == 2 && disk.looks(at: "/in/b") == 1 }
            disk.list("/in", ["/in/a", "/in/late"])
            disk.state.change { $0.verdicts["/in/b"] = nil }
            disk.put("/in/a", true)
            for path in ["/in/a", "/in/b"] as [FilePath] { waits.observe(.gone(path)) }
            try await untilSo { disk.looks(at: "/in/late") == 1 }
            disk.put("/in/late", true)
            waits.observe(.gone("/in/late"))

            #expect(try await report.pending.isEmpty)
        }
        #expect(try await disk.waits.wait(for: ["/in"], .uploaded, within: .zero).pending.isEmpty)
    }

    @Test func `a directory that was removed after its files left has none any more`() async throws {
        disk.list("/in/set", ["/in/set/a"])
        disk.put("/in/set/a", nil)
        let waits = disk.waits
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await waits.run() }
            group.addTask {
                try await untilSo { waits.count == 1 && self.disk.looks(at: "/in/set/a") > 0 }
                self.disk.state.change { $0.directories = [:] }
                self.disk.put("/in/set/a", true)
                waits.observe(.gone("/in/set/a"))
            }
            let report = try await waits.wait(for: ["/in/set"], .uploaded, within: .seconds(50))
            #expect(report == FileWaits.Report(there: 1))
            group.cancelAll()
        }
    }

    @Test func `a directory that cannot be listed is pending, with the reason`() async throws {
        let waits = FileWaits(look: { _ in [] }, list: { _ in throw Errno.permissionDenied })
        let report = try await waits.wait(for: ["/in/closed"], .uploaded, within: .zero)

        #expect(report.pending["/in/closed"]?.hasPrefix("it cannot be looked through: ") == true, "\(report)")
        #expect(report.there == 0 && report.failed.isEmpty)
    }

    /// Looks of different lengths may end in another order than they began.
    @Test func `a look that began earlier and ends later says nothing`() async throws {
        let count = Monitor(0)
        let gate = Doorbell()
        let waits = FileWaits(
            look: { paths in
                let number = count.change { number in
                    number += 1
                    return number
                }
                // The second look, for the first event, is held up, and has seen nothing new.
                if number == 2 { await gate.wait() }
                return paths.map { path in
                    number > 2
                        ? WaitedFile(path, now: .missing, record: nil, row: .present(path), outside: nil)
                        : WaitedFile(path, now: .unknown("on its way"), record: nil, row: nil, outside: nil)
                }
            },
            list: { _ in nil }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await waits.run() }
            group.addTask {
                try await untilSo { count.read { $0 } == 1 }
                waits.observe(.gone("/in/a"))
                try await untilSo { count.read { $0 } == 2 }
                waits.observe(.gone("/in/a"))
                try await untilSo { count.read { $0 } == 3 }
                gate.ring()
                waits.observe(.gone("/in/b"))
            }
            let report = try await waits.wait(for: ["/in/a", "/in/b"], .uploaded, within: .seconds(50))
            #expect(report == FileWaits.Report(there: 2))
            group.cancelAll()
        }
    }

    @Test func `a directory without files is there at once`() async throws {
        disk.list("/in", [])
        #expect(try await disk.waits.wait(for: ["/in"], .ready, within: .zero) == FileWaits.Report())
    }

    @Test func `a wait ends when its client leaves`() async throws {
        disk.put("/in/a", nil)
        let disk = disk
        try await running { waits in
            try await withSocket([.wait(waits, LongAnswers())]) { socket in
                do {
                    let connection = try UnixConnection(socket)
                    let body = #"{"paths":["/in/a"]}"#
                    connection.send(
                        "POST /api/v1/wait HTTP/1.1\r\nHost: outtray\r\nContent-Length: \(body.count)\r\n\r\n"
                    )
                    connection.send(body)
                    try await untilSo { waits.count == 1 && disk.looks(at: "/in/a") == 1 }
                }
                try await untilSo { waits.count == 0 }
            }
        }
    }

    @Test func `more clients than there is room for are told so, and one that leaves makes room`() async throws {
        disk.put("/in/a", nil)
        let answers = LongAnswers(most: 1)
        try await running { waits in
            try await withSocket([.wait(waits, answers)]) { socket in
                let body = #"{"paths":["/in/a"]}"#
                func ask() throws -> UnixConnection {
                    let connection = try UnixConnection(socket)
                    connection.send(
                        "POST /api/v1/wait HTTP/1.1\r\nHost: outtray\r\nContent-Length: \(body.count)\r\n\r\n"
                    )
                    connection.send(body)
                    return connection
                }
                do {
                    let first = try ask()
                    try await untilSo { waits.count == 1 }
                    let answer = try await ask().readAnswer()
                    #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains(#""code":"busy""#), "\(answer)")
                    withExtendedLifetime(first) {}
                }
                try await untilSo { (try? answers.seat()) != nil }
            }
        }
    }

    @Test func `the answer counts what is there, and names what is not`() async throws {
        disk.put("/in/a", true)
        disk.put("/in/b", false)
        disk.put("/in/c", nil)
        let waits = disk.waits
        try await withSocket([.wait(waits, LongAnswers())]) { socket in
            let body = try JSONReader.value(
                of: Array(#"{"paths":["/in/a","/in/b","/in/c"],"for":"ready","timeoutSeconds":0}"#.utf8)[...]
            )
            let answer = try await ControlClient(socket).post("/api/v1/wait", body)
            let failed = #"{"files":1,"first":[{"path":"/in/b","reason":"it is no regular file"}]}"#
            let pending = #"{"files":1,"first":[{"path":"/in/c","reason":"on its way"}]}"#
            #expect(answer.json == #"{"there":1,"failed":\#(failed),"pending":\#(pending)}"#)

            for bad in [
                "{}", #"{"paths":[]}"#, #"{"paths":["/a"],"for":"ever"}"#, #"{"paths":["/a"],"timeoutSeconds":-1}"#,
                #"{"paths":["/a"],"timeoutSeconds":1.5}"#, #"{"paths":["/a"],"how":1}"#,
            ] {
                let told = try await asked(
                    socket,
                    "/api/v1/wait",
                    method: "POST",
                    headers: ["Host: outtray", "Content-Length: \(bad.utf8.count)"],
                    body: bad
                )
                #expect(told.hasPrefix("HTTP/1.1 400 ") && told.contains(#""code":"invalid""#), "\(bad): \(told)")
            }
        }
    }
}

extension ManifestRow {
    fileprivate static func present(_ path: FilePath) -> ManifestRow {
        let entry = ManifestEntry(
            folder: "inbox",
            kind: .image,
            mimeType: .unknown,
            bytes: 1,
            sha256: SHA256Digest(bytes: []),
            provider: "postbreeze",
            account: "main",
            receipt: Receipt(status: .ready),
            present: true,
            uploadedAt: Timestamp(milliseconds: 1),
            revision: 1
        )
        return ManifestRow(path: path, content: .entry(entry))
    }
}
