import Metrics
import Pipeline
import Watch

/// Counts what the pipeline and the ledger report.
package struct PipelineMetrics: Sendable {
    package let registry: MetricRegistry

    package init(_ registry: MetricRegistry) {
        self.registry = registry
    }

    package func observe(_ event: PipelineEvent) {
        switch event {
        case .tryEnded(let file, let outcome, let took):
            count(.uploads, [("account", file.account), ("outcome", outcome.rawValue)])
            guard outcome == .uploaded else { return }
            record(.uploadSize, [("account", file.account)], Double(file.size))
            record(.uploadDuration, [("account", file.account)], took / .seconds(1))
        case .settled(_, let waited): record(.settleWait, [], waited / .seconds(1))
        case .sent(let account, let bytes):
            count(.sentBytes, [("account", account)], by: bytes)
        case .called(let account, let call, let code, let took):
            count(.apiRequests, [("account", account), ("call", call.rawValue), ("code", code)])
            record(.apiDuration, [("account", account), ("call", call.rawValue)], took / .seconds(1))
        case .overflowed(let folder):
            count(.overflows, [("folder", folder)])
        case .scanBegun(let folder, let cause):
            count(.rescans, [("folder", folder), ("why", cause.rawValue)])
        case .hookRan(let hook, let run):
            count(.hookRuns, [("hook", hook), ("outcome", run.rawValue)])
        default: break
        }
    }

    /// Counts a commit of the ledger.
    package func committed(in took: Duration) {
        record(.commitDuration, [], took / .seconds(1))
    }

    private func count(_ family: MetricFamily, _ labels: [(String, String)], by amount: Int = 1) {
        Counter(label: family.name, dimensions: labels, factory: registry).increment(by: amount)
    }

    private func record(_ family: MetricFamily, _ labels: [(String, String)], _ value: Double) {
        Recorder(label: family.name, dimensions: labels, aggregate: true, factory: registry).record(value)
    }
}
