import Foundation
import Subprocess
import SystemPackage

/// The `outtray` beside the test bundle, or the binary named by `OUTTRAY_BINARY`.
enum BuiltBinary {
    static let path: FilePath = {
        if let given = ProcessInfo.processInfo.environment["OUTTRAY_BINARY"] { return FilePath(given) }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return FilePath(own ?? CommandLine.arguments[0]).removingLastComponent().appending("outtray")
    }()

    /// The command that starts the binary, as `user` or on `disk` if they are given.
    ///
    /// Each program of the command replaces itself with the next one, so signals reach the binary.
    ///
    /// Subprocess's own option for users is no use here. Its child calls setuid(3) after a bare clone(2), and there
    /// glibc sometimes waits for ever for the parent's other threads.
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

    /// Runs a bash script in which `outtray` is the built binary.
    static func run(
        script: String,
        environment: [Environment.Key: String?] = [:],
        directory: FilePath? = nil,
        isolated: Bool = false
    ) async throws -> Ending {
        // A script with fixed ports gets a network of its own.
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

/// The end of a command: its status and its output.
struct Ending: CustomStringConvertible {
    let status: TerminationStatus
    let output: String
    let error: String

    /// The exit code. Nil if a signal ended the command.
    var code: Int32? {
        if case .exited(let code) = status { code } else { nil }
    }

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    var description: String { "\(status)\n--- standard output\n\(output)\n--- standard error\n\(error)" }
}

extension Executable {
    /// The first word of a command. A word with a slash is a path; any other word is looked up in `PATH`.
    init(of command: [String]) {
        let word = command.first ?? ""
        self = word.contains("/") ? .path(FilePath(word)) : .name(word)
    }
}
