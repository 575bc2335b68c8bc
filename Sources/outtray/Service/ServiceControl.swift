import Control
import Ledger
import Pipeline
import SystemPackage
import Threads

/// What `outtray run` answers, at its control socket and over TCP. A new endpoint gets its line in
/// ``router(_:)``.
struct ServiceControl: Sendable {
    let pipeline: Pipeline
    let ledger: SQLiteLedger
    let metrics: PipelineMetrics
    let version: String
    let configuration: ConfigurationFile
    let stateDirectory: FilePath
    let startedAt: Timestamp
    /// Why the last new configuration was not taken; nil if it was.
    let refusal: @Sendable () -> String?
    let listener: TCPListener
    /// Who is logged in to the page.
    let sessions: PageSessions
    let waits: FileWaits
    let events: EventRing
    let drops: DropRecords
    /// Reads the configuration again.
    let reload: @Sendable () async throws -> ReloadOutcome

    /// How long a probe of the ledger may take.
    private static let patience = Duration.seconds(5)
    /// How long a folder's file system may take for a thumbnail. Nobody waits longer for a list's pictures, and each
    /// holds one of a browser's connections.
    private static let glance = Patience(.seconds(2), clock: ContinuousClock())

    /// Each server has its own places for answers that take long.
    func router(_ longAnswers: LongAnswers) -> ControlRouter {
        ControlRouter(
            Endpoint.pageFiles + [
                .health,
                .readiness { await readiness() },
                .metrics(metrics.registry) { try await ServiceFacts.of(self) },
                .status { try await ServiceFacts.of(self) },
                .files(facts: { try await ServiceFacts.of(self) }, page: { try await ledger.page($0) }),
                .why { try await explanation(of: $0) },
                .content(longAnswers) { try await shownFile($0, within: .usual) },
                .thumbnail(longAnswers) { try await shownFile($0, within: Self.glance) },
                .drop(longAnswers) { try await pipeline.drop($0, into: $1, drops) },
                .dropCheck { try await pipeline.checkDrop($0, into: $1) },
                .asset(longAnswers) { try await pipeline.look(atAssetOf: $0) },
                .retry { try await pipeline.retry($0) },
                .pause { scope in
                    try await pipeline.pause(scope)
                    return pipeline.pauses
                },
                .resume { scope in
                    try await pipeline.resume(scope)
                    return pipeline.pauses
                },
                .rescan { try await pipeline.rescan($0) },
                .reload(reload),
                .wait(waits, longAnswers),
                .manifest(longAnswers) { pipeline.journalPath },
                .events(events, longAnswers, sessions),
                .forget { try await pipeline.forget($0) },
                .session(sessions),
                .login(sessions) { listener.condition },
                .logout(sessions) { listener.condition },
                .link(sessions) { listener.condition },
                .pageListening {
                    guard let address = ListenAddress(Configuration.Listen.usualAddress) else { return nil }
                    return await listener.servePage(at: address)
                },
                .sessions(sessions),
                .revoke(sessions),
            ]
        )
    }

    private func shownFile(_ path: FilePath, within patience: Patience) async throws -> ShownFile? {
        guard let record = try await ledger.file(at: path).record else { return nil }
        return try await pipeline.shownFile(record, within: patience)
    }

    private func readiness() async -> Readiness {
        var readiness = Readiness(
            missingFolders: pipeline.foldersNotLookedThrough,
            closedRecords: pipeline.closedRecords?.reason
        )
        if readiness.closedRecords == nil { readiness.closedRecords = await ledgerTrouble() }
        return readiness
    }

    /// Why a small commit to the ledger fails; nil if it succeeds. An idle service would not know.
    private func ledgerTrouble() async -> String? {
        let end = Promise<Void>()
        ledger.probe { end.give($0) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await rest(for: Self.patience)
                end.give(.failure(SlowLedger(patience: Self.patience)))
            }
            defer { group.cancelAll() }
            do {
                try await end.value()
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    private func explanation(of path: FilePath) async throws -> FileExplanation {
        // `..` would lead out of a folder.
        let path = path.lexicallyNormalized()
        let known = try await ledger.file(at: path)
        let upload = pipeline.board.upload(of: path)
        let outlook = WaitOutlook(
            await pipeline.accountConditions,
            pipeline.folderConditions,
            areRecordsClosed: pipeline.closedRecords != nil
        )
        let look = try await pipeline.look(at: path) { [configuration] in
            // The file is read for a path without a known file alone, and may be wrong at this moment.
            FileExplanation(
                path,
                known,
                upload: upload,
                outlook: outlook,
                in: known.hasFile ? nil : try? configuration.read()
            )
        }
        return look
            ?? FileExplanation(
                path,
                known,
                upload: upload,
                outlook: outlook,
                unknown: known.isKnown ? nil : Unanswered(at: path).description
            )
    }
}

/// A commit takes longer than anybody who asks would wait.
private struct SlowLedger: Error, CustomStringConvertible {
    let patience: Duration

    var description: String { "a commit to the ledger takes longer than \(patience)" }
}
