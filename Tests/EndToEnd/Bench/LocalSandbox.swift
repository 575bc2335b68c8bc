import Logging
import Sandbox
import SystemPackage

/// Runs a sandbox on free ports while `body` works. It has no rate limits unless `configure` sets some.
func withSandbox(
    directory: FilePath,
    _ configure: (inout SandboxConfiguration) -> Void,
    _ body: (Sandbox, SandboxAddresses) async throws -> Void
) async throws {
    var configuration = SandboxConfiguration(directory: directory.string)
    configuration.postbreezePort = 0
    configuration.connectSafelyPort = 0
    configuration.storagePort = 0
    configuration.removeRateLimits()
    configure(&configuration)
    let sandbox = Sandbox(configuration, logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sandbox.run() }
        let addresses = try await sandbox.addresses()
        try await body(sandbox, addresses)
        group.cancelAll()
        // These tests do not ask how a cancelled sandbox ends.
        while let _ = await group.nextResult() {}
    }
}
