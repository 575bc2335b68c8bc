import Pipeline
import Watch

extension ServiceFacts {
    /// The facts as metrics. What is not known is left out.
    var readings: [MetricReading] {
        [
            MetricReading(.buildInfo, [.init([("version", version)], 1)]),
            MetricReading(.files, filesByFolder),
            MetricReading(.waitingFiles, waiting { Double($0.files) }),
            MetricReading(.oldestWaiting, waiting { age(of: $0.oldest) }),
            MetricReading(.accountBlocked, blocks),
            MetricReading(.paceShare, accounts.map { .init([("account", $0.name)], $0.share) }),
            MetricReading(.watchedDirectories, watches),
            MetricReading(.ledgerBytes, ledgerBytes.map(Double.init)),
            MetricReading(.revision, revision.map(Double.init)),
        ] + (fleet.map(readings) ?? [])
    }

    private func readings(of fleet: FleetCondition) -> [MetricReading] {
        let silent = fleet.members.count { $0.silentSince != nil }
        let unpublished = fleet.published.flatMap { published in revision.map { Double(max(0, $0 - published)) } }
        return [
            MetricReading(.fleetReachable, fleet.trouble == nil ? 1 : 0),
            MetricReading(
                .fleetHosts,
                [
                    .init([("state", "alive")], Double(fleet.members.count - silent)),
                    .init([("state", "silent")], Double(silent)),
                ]
            ),
            MetricReading(.fleetUnpublished, unpublished),
            MetricReading(.fleetAdopted, Double(fleet.adopted)),
            MetricReading(.fleetTakeovers, Double(fleet.takeovers)),
            MetricReading(.fleetDuplicates, Double(fleet.duplicates)),
        ]
    }

    /// All states of each folder in force, zeros included. Files of other folders count as of none.
    private var filesByFolder: [MetricReading.Value] {
        guard let tallies else { return [] }
        var counts: [String: [FileState: Int]] = [:]
        for folder in folders { counts[folder.name] = [:] }
        for tally in tallies {
            let isKnown = folders.contains { $0.name == tally.folder }
            counts[isKnown ? tally.folder ?? "" : "", default: [:]][tally.state, default: 0] += tally.files
        }
        return counts.sorted { $0.key < $1.key }.flatMap { folder, states in
            FileState.allCases.compactMap { state in
                if folder.isEmpty, states[state] == nil { return nil }
                return .init([("folder", folder), ("state", state.rawValue)], Double(states[state] ?? 0))
            }
        }
    }

    /// The causes that files wait for at this moment. All causes of all accounts, zeros included, would be more series
    /// than Prometheus should keep.
    private func waiting(_ value: (WaitGroup) -> Double) -> [MetricReading.Value] {
        waits.map { group in
            .init([("cause", group.key.cause.rawValue), ("account", group.key.account ?? "")], value(group))
        }
    }

    /// Seconds since a moment; 0 if it is not known.
    private func age(of moment: Timestamp?) -> Double {
        moment.map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0
    }

    /// All causes of each account in force, zeros included. An account in force is never missing.
    private var blocks: [MetricReading.Value] {
        let causes = WaitCause.allCases.filter { $0.isOfAccount && $0 != .noAccount }
        return accounts.flatMap { account in
            causes.map { cause in
                .init([("account", account.name), ("cause", cause.rawValue)], account.block?.cause == cause ? 1 : 0)
            }
        }
    }

    private var watches: [MetricReading.Value] {
        folders.flatMap { folder -> [MetricReading.Value] in
            guard let watch = folder.condition?.watch else { return [] }
            return [
                .init([("folder", folder.name), ("how", "inotify")], Double(watch.directories)),
                .init([("folder", folder.name), ("how", "polling")], Double(watch.polledDirectories)),
            ]
        }
    }
}
