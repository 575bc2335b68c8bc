import Foundation
import Glibc
import Logging
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import outtray

@Suite struct LogLineTests {
    private let time = Timestamp(milliseconds: 1_795_000_000_000)

    private func text(
        _ message: String,
        _ metadata: Logger.Metadata = [:],
        level: Logger.Level = .warning,
        style: LogStyle = LogStyle()
    ) -> String {
        LogLine(level: level, message: message, metadata: metadata).written(style, at: time)
    }

    @Test func `a line has time, level, sentence and fields in the order of their keys`() {
        #expect(
            text("account blocked", ["reason": "its key was refused", "account": "main"])
                == "\(time.iso8601) warning account blocked account=main reason=\"its key was refused\"\n"
        )
    }

    static let hostile = [
        "a\n2026-11-22T10:15:30Z error forged", "a\r\u{1B}[2K", "gpj\u{202E}exe", "x\u{2028}y", "x\u{85}y", "tab\ty",
        "\u{2066}isolate", "null\0",
    ]

    @Test(arguments: hostile)
    func `whatever a value, a key or the sentence holds, the line stays one and is not turned round`(value: String) {
        for style in [LogStyle(), LogStyle(format: .json), LogStyle(isForJournal: true)] {
            let lines = [
                text("file settled", ["file.path": "\(value)"], style: style), text(value, style: style),
                text("file settled", [value: "x"], style: style),
                text("file settled", ["list": [.string(value)], "map": [value: .string(value)]], style: style),
            ]

            for line in lines { #expect(line.dropLast().unicodeScalars.allSatisfy { isPlain($0) }, "\(line)") }
        }
    }

    @Test(arguments: ["a b=c", "\"quoted\"", "", "a account=main", #"C:\ x"#, "no-break\u{A0}space"])
    func `a value that could be taken for two is one word in quotation marks`(value: String) {
        let line = text("file settled", ["a": "\(value)", "b": "1"])
        let shown = value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")

        #expect(line.hasSuffix(" file settled a=\"\(shown)\" b=1\n"), "\(line)")
    }

    @Test(arguments: hostile + ["plain", "\"\\", "👩\u{200D}👧", "e\u{301}", "\u{E0041}"])
    func `a line of JSON is one object, flat, and gives each value back whole`(value: String) throws {
        let line = text("it is \(value)", ["a.b": "\(value)", "level": "mine"], style: LogStyle(format: .json))

        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object.keys.sorted() == ["_level", "a.b", "level", "message", "time"])
        #expect(object["a.b"].map { Array($0.unicodeScalars) } == Array(value.unicodeScalars))
        #expect(object["message"].map { Array($0.unicodeScalars) } == Array("it is \(value)".unicodeScalars))
        #expect(object["level"] == "warning" && object["time"] == time.iso8601)
        #expect(line.hasPrefix("{\"time\":") && line.hasSuffix("}\n"))
    }

    @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func `for the journal a line begins with its priority and has no time of its own`(
        level: Logger.Level,
        priority: Int
    ) throws {
        #expect(
            text("watching", ["folders": "inbox"], level: level, style: LogStyle(isForJournal: true))
                == "<\(priority)>watching folders=inbox\n"
        )
        let json = text("watching", level: level, style: LogStyle(format: .json, isForJournal: true))
        #expect(json.hasPrefix("<\(priority)>{\"time\":"), "\(json)")
    }

    @Test func `a notice of several lines stays as it is, and has its priority on each line for the journal`() {
        let notice = Notice(.error, "a\n\n  b")

        #expect(notice.written(LogStyle(), at: .now()) == "a\n\n  b\n")
        #expect(notice.written(LogStyle(isForJournal: true), at: .now()) == "<3>a\n<3>  b\n")
    }

    @Test func `a notice in JSON is a line of the log, with data or one for each line of its text`() {
        let time = Timestamp(milliseconds: 0)
        let plain = Notice(.warning, "a\n\n  b")
        let full = Notice(.info, "3 files", as: "pass ended", ["files": "3"])
        let begin = "{\"time\":\"1970-01-01T00:00:00Z\",\"level\":"

        #expect(
            plain.written(LogStyle(format: .json), at: time)
                == "\(begin)\"warning\",\"message\":\"a\"}\n\(begin)\"warning\",\"message\":\"b\"}\n"
        )
        #expect(
            full.written(LogStyle(format: .json, isForJournal: true), at: time)
                == "<6>\(begin)\"info\",\"message\":\"pass ended\",\"files\":\"3\"}\n"
        )
        #expect(full.written(LogStyle(), at: time) == "3 files\n")
    }

    @Test(arguments: [
        (["sync", "--log-format", "json"], LogStyle.Format.json), (["run", "--log-format=json", "--no-such"], .json),
        (["sync", "--log-format", "json", "--log-format", "text"], .text), (["sync", "--log-format"], .text),
        (["sync", "--log-format", "yaml"], .text), (["sync"], .text),
    ])
    func `the format is known from the arguments, also where they are wrong`(
        arguments: [String],
        format: LogStyle.Format
    ) {
        #expect(SyncCommand.format(in: arguments) == format)
    }

    @Test func `the journal is the descriptor whose device and inode are named, and no other`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("log", "")
        let file = try FileDescriptor.open(path, .writeOnly)
        defer { try? file.close() }
        var status = stat()
        #expect(fstat(file.rawValue, &status) == 0)
        let descriptor = file.rawValue

        #expect(LogStyle.isJournal(descriptor, ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]))
        #expect(!LogStyle.isJournal(descriptor, ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino + 1)"]))
        for given in ["", "x", "\(status.st_dev)", ":"] {
            #expect(!LogStyle.isJournal(descriptor, ["JOURNAL_STREAM": given]))
        }
        #expect(!LogStyle.isJournal(descriptor, [:]))
    }
}
