import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// A process of the built binary that runs while a test works beside it.
struct RunningProcess: Sendable {
    let id: Int32
    /// Standard output and standard error, as they come.
    let logFile: FilePath

    var log: String { (try? String(contentsOfFile: logFile.string, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) throws {
        guard kill(id, signal) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Waits until the process has ended by itself, for 30 s at most.
    func waitForEnd() async {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// False if the process is gone or a zombie.
    var isRunning: Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
        // The state follows the name, which is in parentheses: proc(5).
        return text.split(separator: ")").last?.first { $0 != " " } != "Z"
    }

    /// The number of log lines that hold `text`.
    func lines(_ text: String) -> Int { log.split(separator: "\n").count { $0.contains(text) } }

    /// The bytes of all reads since the process began.
    func bytesRead() throws -> Int {
        let counters = try String(contentsOfFile: "/proc/\(id)/io", encoding: .utf8)
        let line = try #require(counters.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
        return try #require(Int(line.dropFirst("rchar: ".count)))
    }

    /// Waits until `times` lines of the log hold `text` and fulfil `condition`.
    func waitForLog(
        _ text: String,
        where condition: (Substring) -> Bool = { _ in true },
        times: Int = 1
    ) async throws {
        try await wait(for: "\(text) in the log") {
            log.split(separator: "\n").count { $0.contains(text) && condition($0) } >= times
        } state: {
            log
        }
    }
}

/// The end of a process that ran beside a test.
struct ProcessEnd<Value: Sendable>: Sendable {
    let value: Value
    let status: TerminationStatus
    /// From the end of `body` to the end of the process.
    let took: Duration
    let log: String
}

/// Runs a command, usually the binary's, while `body` works. Then ends it with SIGTERM, or with SIGKILL if `body`
/// throws.
///
/// `body` may also end the process itself.
@discardableResult
func withProcess<Value: Sendable>(
    _ command: [String],
    environment: [Environment.Key: String?] = [:],
    logFile: FilePath,
    _ body: (RunningProcess) async throws -> Value
) async throws -> ProcessEnd<Value> {
    let log = try FileDescriptor.open(
        logFile,
        .writeOnly,
        options: [.create, .truncate, .append],
        permissions: [.ownerReadWrite]
    )
    let result = try await Subprocess.run(
        Executable(of: command),
        arguments: Arguments(Array(command.dropFirst())),
        environment: .inherit.updating(environment),
        input: .none,
        output: .fileDescriptor(log, closeAfterSpawningProcess: true),
        error: .combinedWithOutput
    ) { execution in
        let process = RunningProcess(id: execution.processIdentifier.value, logFile: logFile)
        do {
            let value = try await body(process)
            try? process.send(SIGTERM)
            return (value, ContinuousClock.now)
        } catch {
            try? process.send(SIGKILL)
            throw error
        }
    }
    return ProcessEnd(
        value: result.closureResult.0,
        status: result.terminationStatus,
        took: result.closureResult.1.duration(to: .now),
        log: (try? String(contentsOfFile: logFile.string, encoding: .utf8)) ?? ""
    )
}
