/// The configuration of one hook.
package struct HookPlan: Sendable {
    /// The label in metrics, the log and steps. No two hooks have one name.
    package let name: String
    package let trigger: HookTrigger
    /// Nil for the files of all folders.
    package let folder: String?
    /// How many runs go side by side.
    package let concurrency: Int
    /// How long a run may take.
    package let timeout: Duration
    package let retry: HookRetry
    package let runner: any HookRunner
    /// What the runner was made of: equal settings make an equal runner.
    package let settings: any Hashable & Sendable

    package init(
        name: String,
        trigger: HookTrigger,
        folder: String? = nil,
        concurrency: Int = 4,
        timeout: Duration = .seconds(30),
        retry: HookRetry,
        runner: any HookRunner,
        settings: any Hashable & Sendable
    ) {
        self.name = name
        self.trigger = trigger
        self.folder = folder
        self.concurrency = concurrency
        self.timeout = timeout
        self.retry = retry
        self.runner = runner
        self.settings = settings
    }

    /// What the ledger has to know of the hook.
    var wish: HookWish { HookWish(name: name, trigger: trigger, folder: folder) }
}

extension HookPlan: Equatable {
    /// Equal plans let runs under way go on.
    package static func == (left: HookPlan, right: HookPlan) -> Bool {
        left.wish == right.wish && left.concurrency == right.concurrency && left.timeout == right.timeout
            && left.retry == right.retry && AnyHashable(left.settings) == AnyHashable(right.settings)
    }
}

/// The changes that a hook is to be called for.
package struct HookWish: Hashable, Sendable {
    package let name: String
    package let trigger: HookTrigger
    /// Nil for the files of all folders.
    package let folder: String?

    package init(name: String, trigger: HookTrigger, folder: String?) {
        self.name = name
        self.trigger = trigger
        self.folder = folder
    }
}
