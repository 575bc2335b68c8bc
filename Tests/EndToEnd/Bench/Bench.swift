import Foundation
import Sandbox
import Subprocess
import SystemPackage
import Testing

/// The set-up of a test: a sandbox, and a directory with configuration, keys, folders, state and manifest.
struct Bench: Sendable {
    /// One watched folder, `root/<name>`.
    struct Folder: Sendable {
        var name = "inbox"
        /// `main` (Postbreeze) or `linkedin` (ConnectSafely).
        var account = "main"
        var settle = "300ms"
        /// Further lines of YAML, such as `after_upload: delete`.
        var lines: [String] = []
    }

    /// One account at the sandbox, in effect without a pace. Its key lies in `root/<name>.key`.
    struct Account: Sendable {
        let name: String
        /// `postbreeze` or `connectsafely`.
        let provider: String
        /// Further lines of YAML, such as `concurrency: 1`.
        var lines: [String] = []

        static let usual = [
            Account(name: "main", provider: "postbreeze"),
            Account(name: "linkedin", provider: "connectsafely", lines: ["account_id: test"]),
        ]
    }

    let root: FilePath
    let sandbox: Sandbox
    let addresses: SandboxAddresses

    var configuration: FilePath { root.appending("outtray.yaml") }
    var state: FilePath { root.appending("state") }
    var manifestFile: FilePath { root.appending("manifest.json") }
    var journalFile: FilePath { root.appending("manifest.ndjson") }
    /// The sandbox's record of calls, PUTs and assets.
    var page: SandboxPage { sandbox.books.page }

    /// A path beneath the bench, such as `inbox/a.jpg`.
    func path(_ name: String) -> FilePath { root.pushing(FilePath(name)) }

    /// The configuration for these folders and accounts.
    func yaml(
        _ folders: [Folder],
        accounts: [Account] = Account.usual,
        addresses: (postbreeze: String, connectSafely: String)? = nil
    ) -> String {
        let addresses = addresses ?? (self.addresses.postbreeze, self.addresses.connectSafely)
        var lines = [
            "state_dir: \(state)", "shutdown_timeout: 1s",
            "manifest: {path: \(manifestFile), journal: \(journalFile), interval: 50ms}",
            "accounts:",
        ]
        for account in accounts {
            let url = account.provider == "postbreeze" ? addresses.postbreeze : addresses.connectSafely
            lines += [
                "  \(account.name):", "    provider: \(account.provider)", "    base_url: \(url)",
                "    api_key_file: \(root)/\(account.name).key", "    rate: [10000/1s]",
            ]
            lines += account.lines.map { "    \($0)" }
        }
        lines.append("folders:")
        for folder in folders {
            lines += [
                "  \(folder.name):", "    path: \(path(folder.name))", "    account: \(folder.account)",
                "    settle: \(folder.settle)", "    settle_renamed: 50ms",
            ]
            lines += folder.lines.map { "    \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Writes the configuration and makes its folders.
    func configure(_ folders: [Folder], accounts: [Account] = Account.usual) throws {
        for folder in folders { try makeDirectory(folder.name) }
        try write(Array(yaml(folders, accounts: accounts).utf8), to: "outtray.yaml")
    }

    /// Writes an account's key to the place that the configuration names.
    func writeKey(_ key: String, of account: String) throws {
        try write(Array("\(key)\n".utf8), to: "\(account).key", permissions: [.ownerReadWrite])
    }

    /// Runs a command with this bench's configuration.
    func run(_ arguments: String..., user: UInt32? = nil, in disk: (any MountedDisk)? = nil) async throws -> Ending {
        try await BuiltBinary.run(
            arguments + ["--config", configuration.string],
            environment: ["HOME": root.string],
            user: user,
            in: disk
        )
    }

    /// Runs one pass and expects the exit code `code`. A failure shows the pass's output.
    func sync(
        endsWith code: Int32 = 0,
        in disk: SmallDisk? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let ending = try await run("sync", in: disk)
        #expect(ending.code == code, "\(ending)", sourceLocation: sourceLocation)
    }

    /// The command that starts the daemon.
    func runCommand(user: UInt32? = nil, in disk: (any MountedDisk)? = nil) -> [String] {
        let arguments = ["run", "--log-level", "debug", "--config", configuration.string]
        return BuiltBinary.command(arguments, user: user, in: disk)
    }

    /// Runs the daemon while `body` works. `body` begins when all folders are watched.
    @discardableResult
    func withDaemon<Value: Sendable>(
        environment: [Environment.Key: String?] = [:],
        user: UInt32? = nil,
        in disk: (any MountedDisk)? = nil,
        _ body: (RunningProcess) async throws -> Value
    ) async throws -> ProcessEnd<Value> {
        try await withProcess(
            runCommand(user: user, in: disk),
            environment: environment.merging(["HOME": root.string]) { given, _ in given },
            logFile: path("daemon.log")
        ) { daemon in
            try await daemon.waitForLog(" watching")
            return try await body(daemon)
        }
    }
}

/// Runs a sandbox without rate limits, and makes a bench for it. Both last until `body` ends.
func withBench(
    _ folders: [Bench.Folder] = [.init()],
    sandbox configure: (inout SandboxConfiguration) -> Void = { _ in },
    _ body: (Bench) async throws -> Void
) async throws {
    let root = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: root.string) }
    try await withSandbox(directory: root.appending("sandbox"), configure) { sandbox, addresses in
        let bench = Bench(root: root, sandbox: sandbox, addresses: addresses)
        try bench.writeKey("pb_live_sandbox", of: "main")
        try bench.writeKey("cs_sandbox", of: "linkedin")
        try bench.configure(folders)
        try await body(bench)
    }
}
