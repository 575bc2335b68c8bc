import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What the built binary logs: lines that read as what they are, whatever strangers name their files.
    struct LogTests {
        /// As a line of text is described in the manual: time, level, sentence, fields.
        private static func isLine(_ text: Substring) -> Bool {
            let field = /[A-Za-z0-9_.]+=("([^"\\]|\\.)*"|[^ "]+)/
            let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|notice|warning|error)[ ]/
            let sentence = /[^="]+?(?= [A-Za-z0-9_.]+=|$)/
            guard let begun = text.prefixMatch(of: time) else { return false }
            guard let said = text[begun.range.upperBound...].prefixMatch(of: sentence) else { return false }
            var rest = text[said.range.upperBound...]
            while !rest.isEmpty {
                guard let next = rest.dropFirst().prefixMatch(of: field), rest.first == " " else { return false }
                rest = rest[next.range.upperBound...]
            }
            return true
        }

        static let names = [
            "forged\n2026-11-22T10:15:30Z error account blocked account=main", "gpj\u{202E}fdp", "red\u{1B}[31m",
            "space account=main", "quo\"te", "line\u{2028}two", "back\\slash", "r\rx",
        ]

        /// Has the names up, rejected and gone, and in a directory that nobody may read.
        private func work(_ bench: Bench, _ daemon: RunningProcess) async throws {
            for (number, name) in Self.names.enumerated() {
                try bench.write(Media.jpeg(number), to: "inbox/\(name).jpg")
                try bench.write(Array("text".utf8), to: "inbox/\(name).txt")
                try bench.makeDirectory("inbox/\(name)")
                try bench.write(Media.pdf(number), to: "inbox/\(name)/a.pdf")
            }
            try await bench.waitForManifest("all of them") { manifest in
                manifest.entries.count == 2 * Self.names.count && manifest.rejected.count == Self.names.count
            }
            try bench.move("inbox/\(Self.names[0])/a.pdf", to: "inbox/\(Self.names[1])/b.pdf")
            try await daemon.waitForLog("b.pdf")
        }

        @Test(.timeLimit(.minutes(5)))
        func `names with line breaks, escapes and what turns a line round forge no line`() async throws {
            try await withBench { bench in
                let end = try await bench.withDaemon { try await work(bench, $0) }

                let lines = end.log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                #expect(lines.count > 3 * Self.names.count)
                for line in lines {
                    #expect(Self.isLine(line), "\(line)")
                    #expect(!line.unicodeScalars.contains { "\u{202E}\u{2028}\u{1B}\r".unicodeScalars.contains($0) })
                }
                #expect(!lines.contains { $0.contains(" error ") && !$0.contains("\"") }, "no error but in a name")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `json has one object a line, flat, with the names as they are`() async throws {
            try await withBench { bench in
                let command = bench.runCommand() + ["--log-format", "json"]
                let end = try await withProcess(
                    command,
                    environment: ["HOME": bench.root.string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try await daemon.waitForLog("\"message\":\"watching\"")
                    try await work(bench, daemon)
                }

                let lines = end.log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                let objects = try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
                for object in objects {
                    #expect(object["time"] != nil && object["level"] != nil && object["message"] != nil)
                }
                let up = objects.filter { $0["message"] == "file uploaded" }.compactMap { $0["file.path"] }
                for name in Self.names { #expect(up.contains("\(bench.path("inbox"))/\(name).jpg"), "\(up)") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `where the journal reads it, each line begins with its priority and has no time`() async throws {
            try await withBench { bench in
                // What the process writes to, as systemd would name it.
                let log = try bench.write([], to: "daemon.log")
                var status = stat()
                #expect(stat(log.string, &status) == 0)
                try await withProcess(
                    bench.runCommand(),
                    environment: ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)", "HOME": bench.root.string],
                    logFile: log
                ) { daemon in
                    try await daemon.waitForLog("<5>watching folders=inbox")
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("<7>file settled")
                    try await daemon.waitForLog("<6>file uploaded")
                    // A key that is refused: what `journalctl -p err` has to show.
                    try bench.writeKey("pb_live_revoked", of: "main")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("<5>configuration read again")
                    try bench.write(Media.jpeg(1), to: "inbox/b.jpg")
                    try await daemon.waitForLog("<3>account blocked, all its files wait")
                    let lines = daemon.log.split(separator: "\n")
                    #expect(lines.allSatisfy { $0.wholeMatch(of: /<[3-7]>[A-Za-z].*/) != nil }, "\(lines)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a configuration error is one in the journal, too`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml([.init()]).replacing("settle: 300ms", with: "settle: soon")
                    .replacing("account_id", with: "acount_id")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                let log = try bench.write([], to: "daemon.log")
                var status = stat()
                #expect(stat(log.string, &status) == 0)

                let end = try await withProcess(
                    bench.runCommand(),
                    environment: ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)", "HOME": bench.root.string],
                    logFile: log
                ) { await $0.waitForEnd() }

                #expect(end.status == .exited(78))
                #expect(end.log.split(separator: "\n").filter { $0.hasPrefix("<3>\(bench.configuration):") }.count == 2)
            }
        }

        /// What a command says at its end, in several ways to end.
        enum Ending: String, CaseIterable, CustomTestStringConvertible {
            case done = "a pass that did all"
            case waiting = "a pass that leaves something"
            case wrongConfiguration = "a wrong configuration"
            case wrongUsage = "a wrong usage"
            case held = "a state directory of another process"

            var testDescription: String { rawValue }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Ending.allCases, [false, true])
        func `json holds for all that a command says, for the journal with its priority`(
            ending: Ending,
            isForJournal: Bool
        ) async throws {
            try await withBench([.init(), .init(name: "stick")]) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                let log = try bench.write([], to: "sync.log")
                var status = stat()
                #expect(stat(log.string, &status) == 0)
                let journal = isForJournal ? "\(status.st_dev):\(status.st_ino)" : nil
                var command = ["sync", "--log-format", "json", "--config", bench.configuration.string]
                var (code, words): (Int32, [String]) = (0, ["\"message\":\"pass ended\"", "\"files.uploaded\":\"1\""])
                switch ending {
                case .done: break
                case .waiting:
                    #expect(rmdir(bench.path("stick").string) == 0)
                    (code, words) = (75, ["\"message\":\"pass ended\"", "folder stick was not looked through"])
                case .wrongConfiguration:
                    try bench.write(Array((bench.yaml([.init()]) + "nonsense: 1\nmore: 2\n").utf8), to: "outtray.yaml")
                    (code, words) = (
                        78, ["\"message\":\"wrong configuration\"", "\"key\":\"nonsense\"", "\"key\":\"more\""]
                    )
                case .wrongUsage:
                    command.append("--no-such-option")
                    (code, words) = (64, ["no-such-option"])
                case .held:
                    (code, words) = (75, ["another outtray"])
                }

                let run = {
                    try await withProcess(
                        BuiltBinary.command(command),
                        environment: ["JOURNAL_STREAM": journal],
                        logFile: log
                    ) { await $0.waitForEnd() }
                }
                let end: ProcessEnd<Void>
                if ending == .held {
                    end = try await bench.withDaemon { _ in try await run() }.value
                } else {
                    end = try await run()
                }

                #expect(end.status == .exited(code), "\(end.log)")
                for word in words { #expect(end.log.contains(word), "\(end.log)") }
                for line in end.log.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                    let json = isForJournal ? line.drop { $0 != "{" } : line
                    #expect(!isForJournal || line.wholeMatch(of: /<[3-6]>\{.*/) != nil, "\(line)")
                    let object = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
                    #expect(object["time"] != nil && object["level"] != nil && object["message"] != nil, "\(line)")
                }
            }
        }

        /// libdispatch says it to syslog, which under systemd is the journal; the variable has it say it here.
        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `no thread's priority is touched, so nothing is said of it, and the unit's Nice= holds`() async throws {
            try await withBench { bench in
                try bench.give(to: OtherUser.id)
                let command = ["nice", "-n", "5"] + bench.runCommand(user: OtherUser.argument)
                try await withProcess(
                    command,
                    environment: ["LIBDISPATCH_LOG": "stderr", "HOME": bench.root.string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    try await daemon.waitForLog(" watching")
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    #expect(!daemon.log.contains("thread priority"), "\(daemon.log)")
                    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.id)/task")
                    #expect(threads.count > 3)
                    let nice = threads.compactMap { thread in
                        // proc(5): the 19th field, the 17th behind the name in parentheses.
                        (try? String(contentsOfFile: "/proc/\(daemon.id)/task/\(thread)/stat", encoding: .utf8))
                            .flatMap { $0.split(separator: ")").last?.split(separator: " ").dropFirst(16).first }
                    }
                    #expect(Set(nice) == ["5"], "\(nice)")
                }
            }
        }
    }
}
