import Pipeline
import Threads

/// Holds up every caller until a test opens it, and tells how many have come. A cancelled caller waits no longer.
package actor Turnstile {
    private var isOpen = false
    private var arrivals = 0
    private var inside: [Answer<Void>] = []
    private var watchers: [(count: Int, answer: Answer<Void>)] = []

    package init() {}

    /// How many came, in all.
    package var count: Int { arrivals }

    /// Returns when the turnstile is open.
    package func pass() async throws {
        arrivals += 1
        for watcher in watchers where watcher.count <= arrivals { watcher.answer.give(.success(())) }
        watchers.removeAll { $0.count <= arrivals }
        if isOpen { return }
        let answer = Answer<Void>()
        inside.append(answer)
        try await answer.value()
    }

    /// Lets through the callers that wait and all that come later.
    package func open() {
        isOpen = true
        for answer in inside { answer.give(.success(())) }
        inside = []
    }

    /// Returns when `count` callers have come.
    package func arrivals(_ count: Int) async throws {
        if arrivals >= count { return }
        let answer = Answer<Void>()
        watchers.append((count, answer))
        try await answer.value()
    }
}
