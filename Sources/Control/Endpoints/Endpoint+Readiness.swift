/// What the service still lacks to do its work.
package struct Readiness: Sendable, Equatable {
    /// Folders that were not looked through since the start or the last reload.
    package var missingFolders: [String]
    /// Why nothing can be recorded; nil if it can.
    package var closedRecords: String?

    package init(missingFolders: [String], closedRecords: String?) {
        self.missingFolders = missingFolders
        self.closedRecords = closedRecords
    }
}

extension Endpoint {
    /// `GET /readyz`: all folders were looked through, and the ledger can be written. Else status 503 says what lacks.
    package static func readiness(_ look: @escaping @Sendable () async -> Readiness) -> Endpoint {
        Endpoint(.get, "/readyz", part: .health) { _ in
            let readiness = await look()
            var lacks: [String] = []
            var hints: [String] = []
            if !readiness.missingFolders.isEmpty {
                lacks.append("not looked through yet: \(readiness.missingFolders.joined(separator: ", "))")
                hints.append("wait, or see the log for folders that do not answer")
            }
            if let reason = readiness.closedRecords {
                lacks.append("nothing can be recorded: \(reason)")
                hints.append("make room on the disk, or give back the rights")
            }
            guard lacks.isEmpty else {
                throw ControlError(.notReady, lacks.joined(separator: "; "), hint: hints.joined(separator: "; "))
            }
            return .text("ready\n")
        }
    }
}
