import Control
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage
import Threads

/// Looks at assets through the running service, because the service knows the pace of its accounts. Without a service,
/// this process looks.
///
/// This process then counts its calls in the ledger, as the service does. So a service that starts later knows of them.
/// As soon as there is a service, it is asked again.
actor AssetInquiry {
    /// What this process needs to look by itself.
    private struct Own {
        let pipeline: Pipeline
        let ledger: SQLiteLedger
        let transfer: Transfer
    }

    private let file: ConfigurationFile
    private let client: ControlClient
    private var own: Own?
    private let turns = Turns()

    /// Longer than any rate's window: a look waits for the account's pace.
    private static let patience = Duration.seconds(24 * 3600)
    /// How often a look is made whose answer is broken off, as a service does that ends.
    private static let tries = 3

    init(_ file: ConfigurationFile, stateDirectory: FilePath) {
        self.file = file
        client = ControlClient(SocketPlace.ofService(stateDirectory: stateDirectory))
    }

    /// One look. See ``Pipeline/look(atAssetOf:)``.
    ///
    /// - Throws: `CancellationError`, ``ControlTrouble``, ``WorkplaceError``, ``ConfigurationError``.
    func look(at path: FilePath) async throws -> AssetLook? {
        var number = 0
        while true {
            number += 1
            do throws(ControlTrouble) {
                let query = [(name: "path", value: path.bytes)]
                return try AssetLook.of(await client.get("/api/v1/files/asset", query: query, within: Self.patience))
            } catch {
                switch error {
                case .noService: return try await lookHere(at: path)
                case .brokenOff where number < Self.tries && !Task.isCancelled: continue
                default:
                    try Task.checkCancellation()
                    throw error
                }
            }
        }
    }

    /// Lets go of the ledger and of connections.
    func end() async {
        await own?.transfer.shutdown()
        try? own?.ledger.close()
        own = nil
    }

    private func lookHere(at path: FilePath) async throws -> AssetLook? {
        try await turns.run { if own == nil { own = try await begin() } }
        return try await own?.pipeline.look(atAssetOf: path)
    }

    private func begin() async throws -> Own {
        let checked = try file.readAndCheck(needsFolders: false)
        let logger = Logger(label: "outtray", factory: { _ in SwiftLogNoOpLogHandler() })
        let ledger = try Workplace.ledgerOfAnother(checked.configuration, logger: logger)
        let transfer = Transfer(logger: logger)
        let assembly = Assembly(configuration: checked.configuration, keys: checked.keys, transfer: transfer)
        let plan = assembly.plan(isWatching: false)
        let pipeline = Pipeline(plan, ledger: ledger, logger: logger) { _ in }
        await pipeline.prepareLooks()
        return Own(pipeline: pipeline, ledger: ledger, transfer: transfer)
    }
}
