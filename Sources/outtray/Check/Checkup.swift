import Control
import Pipeline
import SystemPackage

/// All that `outtray check` looks at, in the order of its lines.
struct Checkup {
    let file: ConfigurationFile
    /// Whether each account's API is called once as well.
    let online: Bool

    /// What was found, and why the ledger cannot be worked with, if so.
    ///
    /// - Throws: `ConfigurationError`.
    func look() async throws -> (findings: [Finding], ledgerError: WorkplaceError?) {
        let configuration = try file.read()
        let checks = file.look(at: configuration)
        let outcome = try checks.run(file: file.path, needsFolders: true, needsSocket: true)
        let keys = outcome.keys
        var doctor = Doctor(file: file, checks: checks, keys: keys)
        doctor.listen = outcome.listen
        if outcome.listen != nil { doctor.served = await servedAddresses(configuration) }
        var (findings, error) = doctor.findings()
        if let fleet = await fleet(configuration) { findings.append(fleet) }
        guard online else { return (findings, error) }
        return (findings + (await OnlineCheck(configuration: configuration, keys: keys).findings()), error)
    }

    /// Where the running service listens; nil if none runs, or if it does not tell this user.
    private func servedAddresses(_ configuration: Configuration) async -> [String]? {
        let client = ControlClient(SocketPlace.ofService(stateDirectory: configuration.stateDirectory))
        guard let answer = try? await client.get("/api/v1/status", within: .seconds(5)),
            let status = try? StatusReport(json: answer)
        else { return nil }
        return status.listen.map { $0.open ? [$0.address] : [] } ?? []
    }
}
