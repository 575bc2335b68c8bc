/// Holds up whoever comes until a test lets them through, and tells how many wait.
package actor Turnstile {
    private var isOpen = false
    private var arrivals = 0
    private var inside: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    package init() {}

    /// How many came, in all.
    package var count: Int { arrivals }

    /// Returns once the turnstile is open.
    package func pass() async {
        arrivals += 1
        let met = watchers.filter { $0.count <= arrivals }
        watchers.removeAll { $0.count <= arrivals }
        for watcher in met { watcher.continuation.resume() }
        if isOpen { return }
        await withCheckedContinuation { inside.append($0) }
    }

    /// Lets through who waits and who comes.
    package func open() {
        isOpen = true
        let released = inside
        inside = []
        for continuation in released { continuation.resume() }
    }

    /// Returns once so many have come.
    package func arrivals(_ count: Int) async {
        if arrivals >= count { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }
}
