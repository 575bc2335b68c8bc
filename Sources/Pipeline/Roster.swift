import Threads

/// The plan in force, with its folders and accounts, and each account's lane. All stages ask here.
final class Roster: Sendable {
    private struct State {
        var plan: PipelinePlan
        var rules: WaitingRules
        /// The watched folders, by name.
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

    /// The rules of the present plan for waiting files.
    var rules: WaitingRules { state.withLock { $0.rules } }

    /// The watched folders, by name.
    var folders: [String: FolderPlan] { state.withLock { $0.folders } }

    func folder(_ name: String) -> FolderPlan? { state.withLock { $0.folders[name] } }

    /// The lanes of the present accounts, by name.
    var lanes: [String: AccountLane<Pipeline.Time>] { state.withLock { $0.lanes } }

    func lane(of account: String) -> AccountLane<Pipeline.Time>? { state.withLock { $0.lanes[account] } }

    /// Puts another plan in force. Drops the lanes of `ended`, whose loops are over.
    func replace(with plan: PipelinePlan, droppingLanesOf ended: Set<String>) {
        state.withLock { state in
            let lanes = state.lanes.filter { !ended.contains($0.key) }
            state = State(plan)
            state.lanes = lanes
        }
    }

    /// Adds the lane of one of the plan's accounts.
    func add(_ lane: AccountLane<Pipeline.Time>, for account: String) {
        state.withLock { $0.lanes[account] = lane }
    }
}
