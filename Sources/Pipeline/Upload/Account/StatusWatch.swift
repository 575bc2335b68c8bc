import Threads

/// Looks at one account's processing assets until the provider says that they can be used.
///
/// After the looks of ``Schedules/status``, the manifest says `unknown`.
///
/// Of the hosts of a fleet, one asks the provider. The others ask the fleet (``SharedIndex/word(on:)``).
actor StatusWatch<C: Clock> where C.Duration == Duration {
    private let lane: AccountLane<C>
    private let services: AccountServices<C>
    private let bell: Doorbell
    private let changed: @Sendable (RecordedStatus) -> Void

    /// `bell` rings when there is a new asset to look after. Calls `changed` when a changed status is recorded.
    init(
        lane: AccountLane<C>,
        services: AccountServices<C>,
        bell: Doorbell,
        changed: @escaping @Sendable (RecordedStatus) -> Void
    ) {
        self.lane = lane
        self.services = services
        self.bell = bell
        self.changed = changed
    }

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await lookAtDue()
                let next = try await services.durably {
                    try await services.book.nextLook()
                }
                // No look is due later than the longest pause. A longer rest comes from another process's clock.
                let rest = next.map {
                    min(.milliseconds($0.milliseconds - Timestamp.steady().milliseconds), Schedules.status.longest)
                }
                let least = await lane.mayCall ? Duration.milliseconds(10) : Schedules.blockedStatus
                let deadline = rest.map { services.clock.now.advanced(by: max($0, least)) }
                await bell.wait(until: deadline, clock: services.clock)
            } catch {
                return
            }
        }
    }

    /// One look at each asset due now. A blocked account gets none (``AccountLane/mayCall``).
    func lookAtDue() async throws {
        let due = try await services.durably {
            try await services.book.processing(at: .steady(), limit: 16)
        }
        for asset in due {
            guard await lane.mayCall else { return }
            let status = try await status(of: asset)
            CrashPoint.statusAnswered.reached()
            let next = Timestamp.steady().advanced(by: Schedules.status.pause(afterLooks: asset.looks))
            let now = Timestamp.now()
            let recorded = try await services.durably {
                try await services.book.recordStatus(
                    status,
                    of: asset,
                    nextLook: status == .processing ? next : nil,
                    at: now
                )
            }
            CrashPoint.statusRecorded.reached()
            guard status != .processing else { continue }
            changed(recorded)
            for path in recorded.paths { services.observer(.status(path, status)) }
        }
    }

    private func status(of asset: ProcessingAsset) async throws -> AssetStatus {
        switch try await services.index?.word(on: asset) ?? .ask {
        case .ask: break
        case .wait: return .processing
        case .told(let status): return status
        }
        do {
            let status = try await lane.provider.status(of: asset.receipt)
            return status == .processing ? stillProcessing(asset) : status
        } catch is ProviderError {
            // The lane has noted already what the error shows about the account.
            return stillProcessing(asset)
        }
    }

    private func stillProcessing(_ asset: ProcessingAsset) -> AssetStatus {
        asset.looks >= Schedules.status.most ? .unknown : .processing
    }
}
