import Threads

/// Whom the pipeline works for at present: its plan, with the folders and accounts in it, and each account's lane. The one
/// place that the stages ask.
final class Roster: Sendable {
    private struct State {
        var plan: PipelinePlan
        var rules: WaitingRules
        /// By name, those that are watched.
        var folders: [String: FolderPlan]
        var lanes: [String: AccountLane<Pipeline.Time>] = [:]

        init(_ plan: PipelinePlan) {
            self.plan = plan
            rules = WaitingRules(folders: plan.folders, accounts: plan.accounts)
            folders = Dictionary(plan.watched.map { ($0.name, $0) }) { first, _ in first }
        }
    }

    private let state: Mutex<State>

    init(_ plan: PipelinePlan) {
        state = Mutex(State(plan))
    }

    var plan: PipelinePlan { state.withLock { $0.plan } }

    /// What the present plan says of files that wait.
    var rules: WaitingRules { state.withLock { $0.rules } }

    /// The folders that are watched, by name.
    var folders: [String: FolderPlan] { state.withLock { $0.folders } }

    func folder(_ name: String) -> FolderPlan? { state.withLock { $0.folders[name] } }

    /// The lanes of the present accounts, by name.
    var lanes: [String: AccountLane<Pipeline.Time>] { state.withLock { $0.lanes } }

    func lane(of account: String) -> AccountLane<Pipeline.Time>? { state.withLock { $0.lanes[account] } }

    /// Another plan is in force from now on; the lanes of these accounts have ended.
    func take(_ plan: PipelinePlan, withoutLanesOf ended: Set<String>) {
        state.withLock { state in
            let lanes = state.lanes.filter { !ended.contains($0.key) }
            state = State(plan)
            state.lanes = lanes
        }
    }

    /// An account of the plan has a lane now.
    func add(_ lane: AccountLane<Pipeline.Time>, for account: String) {
        state.withLock { $0.lanes[account] = lane }
    }
}
