import SystemPackage

/// This host among the hosts of its fleet.
package protocol FleetMember: Sendable {
    /// What the fleet knows of an account's contents. Nil for an account that is not shared.
    func index(of account: AccountPlan) -> (any SharedIndex)?

    /// Forgets all accounts but these: the configuration has no others from now on.
    func keep(_ accounts: [AccountPlan])

    var condition: FleetCondition { get }

    /// Works until the task is cancelled.
    ///
    /// `release` lets files be tried again that waited for their content. `opened` is called when files may go again,
    /// and `copied` when the ledger has more of what all hosts show.
    func run(
        release: @escaping @Sendable ([FilePath]) async -> Void,
        opened: @escaping @Sendable () -> Void,
        copied: @escaping @Sendable () -> Void
    ) async

    /// Publishes what is left, at the end of the process. Takes a second at most.
    func drain() async

    /// Wakes the publisher: the ledger may have changes that the fleet lacks.
    func wake()
}
