import Foundation
import Subprocess
import SystemPackage

/// The `outtray` that lies beside the test bundle; `OUTTRAY_BINARY` names another.
enum BuiltBinary {
    static let path: FilePath = {
        if let given = ProcessInfo.processInfo.environment["OUTTRAY_BINARY"] { return FilePath(given) }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return FilePath(own ?? CommandLine.arguments[0]).removingLastComponent().appending("outtray")
    }()

    /// What starts the binary, as another user or on a small disk where one is given. Whatever starts it becomes it, so
    /// that signals reach it.
    ///
    /// Not by Subprocess's own option for users: its child calls setuid(3) after a bare clone(2), and there glibc sometimes
    /// waits for ever for the parent's other threads.
    static func command(_ arguments: [String], user: UInt32? = nil, in disk: (any MountedDisk)? = nil) -> [String] {
        let changing = user.map { ["setpriv", "--reuid=\($0)"] } ?? []
        return (disk?.entering ?? []) + changing + [path.string] + arguments
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String],
        environment: [Environment.Key: String?] = [:],
        directory: FilePath? = nil,
        user: UInt32? = nil,
        in disk: (any MountedDisk)? = nil
    ) async throws -> Ending {
        let command = command(arguments, user: user, in: disk)
        let result = try await Subprocess.run(
            Executable(of: command),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(environment),
            workingDirectory: directory,
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return Ending(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a script of bash, in which `outtray` is the built binary.
    static func run(
        script: String,
        environment: [Environment.Key: String?] = [:],
        directory: FilePath? = nil,
        isolated: Bool = false
    ) async throws -> Ending {
        // With a network of its own where it takes fixed ports.
        let isolation = isolated ? ["unshare", "--user", "--map-root-user", "--net"] : []
        let command = isolation + ["bash", "-c", (isolated ? "PATH=$PATH:/usr/sbin ip link set lo up\n" : "") + script]
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let own: [Environment.Key: String?] = ["PATH": "\(path.removingLastComponent()):\(search)"]
        let result = try await Subprocess.run(
            Executable(of: command),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(own.merging(environment) { _, given in given }),
            workingDirectory: directory,
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return Ending(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }
}

/// How a command ended, and what it said.
struct Ending: CustomStringConvertible {
    let status: TerminationStatus
    let output: String
    let error: String

    /// The exit code; nil where a signal ended it.
    var code: Int32? {
        if case .exited(let code) = status { code } else { nil }
    }

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    var description: String { "\(status)\n--- standard output\n\(output)\n--- standard error\n\(error)" }
}

extension Executable {
    /// The first word of a command: a path where it has a slash, else a name for `PATH`.
    init(of command: [String]) {
        let word = command.first ?? ""
        self = word.contains("/") ? .path(FilePath(word)) : .name(word)
    }
}
