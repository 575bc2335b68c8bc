import Threads

/// Looks at one account's processing assets until the provider says that they can be used.
actor StatusWatch<C: Clock> where C.Duration == Duration {
    /// How long a provider is asked about an asset that it has not finished. After that the manifest says `unknown`.
    static var deadline: Duration { .seconds(3600) }

    static var longestPause: Duration { .seconds(60) }

    /// How long a look waits if the account is blocked.
    private static var pauseWhileBlocked: Duration { .seconds(5) }

    private let lane: AccountLane<C>
    private let services: AccountServices<C>
    private let manifestChanged: @Sendable () -> Void
    private let bell: Doorbell

    /// `bell` rings when there is a new asset to look after.
    init(
        lane: AccountLane<C>,
        services: AccountServices<C>,
        bell: Doorbell,
        manifestChanged: @escaping @Sendable () -> Void
    ) {
        self.lane = lane
        self.services = services
        self.bell = bell
        self.manifestChanged = manifestChanged
    }

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await look()
                let next = try await services.durably {
                    try await services.book.nextLook()
                }
                // No look is due later than ``longestPause``. A longer rest comes from another process's clock.
                let rest = next.map {
                    min(.milliseconds($0.milliseconds - Timestamp.steady().milliseconds), Self.longestPause)
                }
                let least = await lane.mayCall ? Duration.milliseconds(10) : Self.pauseWhileBlocked
                let deadline = rest.map { services.clock.now.advanced(by: max($0, least)) }
                await bell.wait(until: deadline, clock: services.clock)
            } catch {
                return
            }
        }
    }

    /// One look at each asset due now. A blocked account gets none.
    func look() async throws {
        let due = try await services.durably {
            try await services.book.processing(at: .steady(), limit: 16)
        }
        for asset in due {
            guard await lane.mayCall else { return }
            let status = try await status(of: asset)
            CrashPoint.statusAnswered.reached()
            let next = Timestamp.steady().advanced(by: Self.pause(afterLooks: asset.looks))
            let now = Timestamp.now()
            try await services.durably {
                try await services.book.recordStatus(
                    status,
                    of: asset,
                    nextLook: status == .processing ? next : nil,
                    at: now
                )
            }
            CrashPoint.statusRecorded.reached()
            guard status != .processing else { continue }
            manifestChanged()
            let paths = try await services.durably {
                try await services.book.paths(ofAsset: asset.id)
            }
            for path in paths { services.observer(.status(path, status)) }
        }
    }

    /// The pause before the next look: 2 s at first, half as much again with each look, a minute at most.
    static func pause(afterLooks looks: Int) -> Duration {
        var pause = Duration.seconds(2)
        for _ in 0..<min(looks, 20) { pause = min(pause * 3 / 2, longestPause) }
        return pause
    }

    /// How many looks fill ``deadline``. Looks are counted, because a clock may be set meanwhile.
    static var mostLooks: Int {
        var looks = 0
        var waited = Duration.zero
        while waited < deadline {
            waited += pause(afterLooks: looks)
            looks += 1
        }
        return looks
    }

    private func status(of asset: ProcessingAsset) async throws -> AssetStatus {
        do {
            let status = try await lane.provider.status(of: asset.receipt)
            return status == .processing ? stillProcessing(asset) : status
        } catch is ProviderError {
            // The lane has noted already what the error shows about the account.
            return stillProcessing(asset)
        }
    }

    private func stillProcessing(_ asset: ProcessingAsset) -> AssetStatus {
        asset.looks >= Self.mostLooks ? .unknown : .processing
    }
}
