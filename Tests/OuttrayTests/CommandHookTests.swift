import Foundation
import Glibc
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import outtray

/// Real commands.
@Suite(.timeLimit(.minutes(5))) struct CommandHookTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func event(_ facts: String = #"{"path":"/in/a b.jpg","mediaId":"m1"}"#) -> HookEvent {
        HookEvent(
            id: 1,
            key: "00ff",
            hook: "post",
            trigger: .uploaded,
            path: "/in/a b.jpg",
            facts: facts,
            recordedAt: Timestamp(milliseconds: 0)
        )
    }

    /// Runs a script of sh. `$0` is this test's directory.
    private func run(_ script: String, _ event: HookEvent? = nil, within limit: Duration = .seconds(50)) async
        -> HookOutcome
    {
        let hook = CommandHook(command: ["/bin/sh", "-c", script, directory.path.string])
        return await hook.run(event ?? self.event(), within: limit)
    }

    private func failure(_ outcome: HookOutcome) -> HookFailure? {
        switch outcome {
        // On a machine that stands still for seconds, a process may seem to outlive SIGKILL.
        case .failed(let failure), .failedLeaving(let failure, _): failure
        default: nil
        }
    }

    private func text(_ name: String) throws -> String { try directory.text(name) }

    private func isThere(_ process: String) -> Bool {
        pid_t(process.filter(\.isNumber)).map { kill($0, 0) == 0 && !isZombie($0) } ?? false
    }

    private func isZombie(_ id: pid_t) -> Bool {
        let stat = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
        return stat.split(separator: ")").last?.first { $0 != " " } == "Z"
    }

    @Test func `a command gets the event on standard input and in its environment, and nothing else of ours`()
        async throws
    {
        setenv("OUTTRAY_TEST_SECRET_KEY", "pb_live_x", 1)
        defer { unsetenv("OUTTRAY_TEST_SECRET_KEY") }

        #expect(await run(#"cat > "$0/in"; env > "$0/env"; ls /proc/self/fd > "$0/fds"; pwd > "$0/pwd""#) == .delivered)

        #expect(try text("in") == String(decoding: event().body, as: UTF8.self))
        let environment = try text("env")
        for line in ["OUTTRAY_EVENT=uploaded", "OUTTRAY_PATH=/in/a b.jpg", "OUTTRAY_MEDIA_ID=m1", "OUTTRAY_HOOK=post"] {
            #expect(environment.contains(line + "\n"), "\(line)")
        }
        #expect(!environment.contains("pb_live_x"))
        #expect(try text("fds").split(separator: "\n").count <= 4, "0, 1, 2 and the one of ls")
        #expect(try text("pwd") == "/\n")
    }

    @Test func `arguments are no shell's words`() async throws {
        let hook = CommandHook(command: ["/usr/bin/touch", directory.at("a b;c $HOME").string])

        #expect(await hook.run(event(), within: .seconds(50)) == .delivered)
        #expect(directory.holds("a b;c $HOME"))
    }

    @Test func `another status is a failure, with the last of what was written`() async throws {
        let failure = failure(await run("echo one; echo two >&2; exit 3"))

        #expect(failure == HookFailure("it ended with status 3", said: "one\ntwo"))
    }

    @Test func `an end by a signal is a failure`() async throws {
        #expect(failure(await run("kill -SEGV $$"))?.cause == "it was ended by signal 11")
    }

    @Test func `a command that is not there, or is no program, is a failure that says so`() async throws {
        let missing = CommandHook(command: ["/does/not/exist"])
        #expect(
            failure(await missing.run(event(), within: .seconds(9)))?.cause
                == "/does/not/exist cannot be started: No such file or directory"
        )
        try directory.write("data", "no program")
        let data = directory.at("data")
        #expect(
            failure(await CommandHook(command: [data.string]).run(event(), within: .seconds(9)))?.cause
                == "\(data) cannot be started: Permission denied"
        )
        #expect(chmod(data.string, 0o755) == 0)
        let cause = failure(await CommandHook(command: [data.string]).run(event(), within: .seconds(9)))?.cause
        #expect(cause?.hasPrefix("it cannot be started") == true, "\(cause ?? "started")")
    }

    @Test func `a script whose interpreter is not there is told by both names`() async throws {
        let (inner, outer) = (directory.path.appending("inner"), directory.path.appending("outer"))
        try directory.write("inner", Array("#! /does/not/exist -x\nexit 0\n".utf8))
        try directory.write("outer", Array("#!\(inner)\nexit 0\n".utf8))
        for script in [inner, outer] { try #require(chmod(script.string, 0o755) == 0) }

        let outcome = await CommandHook(command: [outer.string]).run(event(), within: .seconds(50))

        let words = "/does/not/exist, which \(inner) names, cannot be started: No such file or directory"
        #expect(failure(outcome)?.cause == words)
    }

    @Test func `a hanging command is ended at the time limit`() async throws {
        let outcome = await run(#"echo $$ > "$0/leader"; sleep 1000"#, within: .seconds(1))

        #expect(failure(outcome)?.cause == "it took longer than 1.0 seconds and was ended")
        #expect(!isThere(try text("leader")))
    }

    @Test func `a command that ignores SIGTERM is killed`() async throws {
        let outcome = await run(
            #"trap "" TERM; echo $$ > "$0/leader"; while :; do sleep 0.1; done"#,
            within: .seconds(1)
        )

        #expect(failure(outcome)?.cause.hasPrefix("it took longer than") == true)
        #expect(!isThere(try text("leader")))
    }

    @Test func `a flood of output neither stops the command nor is kept`() async throws {
        let outcome = await run("head -c 50000000 /dev/zero | tr '\\0' x; echo the end; exit 1")

        let said = try #require(failure(outcome)?.said)
        #expect(said.hasSuffix("the end") && said.utf8.count <= HookOutput.most)
    }

    @Test func `input that nobody reads holds up nothing, however much it is`() async throws {
        let large = event(#"{"path":"/in/a","reason":""# + String(repeating: "x", count: 1 << 20) + #""}"#)

        #expect(await run("exit 0", large) == .delivered)
        #expect(await run(#"exec wc -c > "$0/count""#, large) == .delivered)
        #expect(try text("count").filter(\.isNumber) == "\(large.body.count)")
    }

    @Test func `a process that a command leaves behind holds up nothing, though it keeps the output open`() async throws
    {
        let outcome = await run(#"sleep 600 & echo $! > "$0/left"; echo done"#)

        #expect(outcome == .delivered)
        let left = try text("left")
        #expect(isThere(left), "it goes on by itself")
        if let id = pid_t(left.filter(\.isNumber)) { kill(id, SIGKILL) }
    }

    /// The leader and one child end by SIGTERM, the other child only by SIGKILL.
    @Test func `a cancelled run ends the command and its children, and is no failure`() async throws {
        let script = #"""
            sleep 1000 & echo $! > "$0/child"
            sh -c 'trap "" TERM; echo $$ > "$0/new"; mv "$0/new" "$0/stubborn"; while :; do sleep 1; done' "$0" &
            echo $$ > "$0/leader"
            wait
            """#
        let outcome = await withTaskGroup(of: HookOutcome?.self) { group in
            group.addTask { await run(script) }
            group.addTask {
                try? await untilSo { directory.holds("stubborn") && directory.holds("leader") }
                return nil
            }
            var outcome: HookOutcome?
            for await ended in group {
                group.cancelAll()
                outcome = ended ?? outcome
            }
            return outcome
        }

        #expect(outcome == .cancelled)
        for name in ["leader", "child", "stubborn"] {
            let id = try text(name)
            try await untilSo { !isThere(id) }
        }
    }

    @Test func `many runs leave no descriptor open`() async throws {
        func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        _ = await run("exit 0")
        let before = try open()
        for _ in 0..<150 { _ = await run("echo x; exit 1") }
        for _ in 0..<50 { _ = await CommandHook(command: ["/does/not/exist"]).run(event(), within: .seconds(9)) }

        // Other tests may have some open meanwhile.
        #expect(try open() < before + 50)
    }
}
