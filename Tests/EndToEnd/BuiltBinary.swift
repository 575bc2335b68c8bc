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

    /// Runs a command to its end.
    static func run(
        _ arguments: [String],
        environment: [Environment.Key: String?] = [:],
        directory: FilePath? = nil,
        user: UInt32? = nil,
        in disk: SmallDisk? = nil
    ) async throws -> Ending {
        var options = PlatformOptions()
        options.userID = user
        let result = try await Subprocess.run(
            .path(disk.map { FilePath($0.entering[0]) } ?? path),
            arguments: Arguments((disk.map { $0.entering.dropFirst() + [path.string] } ?? []) + arguments),
            environment: .inherit.updating(environment),
            workingDirectory: directory,
            platformOptions: options,
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
