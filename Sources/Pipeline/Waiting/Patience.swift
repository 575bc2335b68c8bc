import Dispatch
import SystemPackage

/// How long a watched folder's file system may take for one answer: to open a file, to look at it, to read its next chunk.
///
/// It bounds what makes no progress, never the whole of a file. By its clock a suspended machine takes no time.
package struct Patience: Sendable {
    /// 30 s. A disk that is well takes milliseconds, one that wakes up or a server that is restarted some seconds; a dead
    /// server never answers. Less than a storage waits for the bytes of an upload (`TransferTimeouts.progress`, and what
    /// providers allow), so that the cause that is told is the right one.
    package static let usual = Patience { try await sleep(for: longest) }
    static let longest = Duration.seconds(30)

    private let rest: @Sendable () async throws -> Void

    package init(_ length: Duration, clock: some Clock<Duration>) {
        self.init { try await clock.sleep(for: length) }
    }

    private init(_ rest: @escaping @Sendable () async throws -> Void) {
        self.rest = rest
    }

    /// Returns when it has run out; throws when the task is cancelled.
    func runOut() async throws {
        try await rest()
    }
}

/// By Dispatch's clock, which stands still while the machine is suspended. Leaves nothing behind when it is cancelled: a
/// `Task.sleep` keeps its task until its time would have come, and with one for each chunk that is read, these are many.
private func sleep(for length: Duration) async throws {
    let answer = Answer<Void>()
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + .milliseconds(Int(length.milliseconds)))
    timer.setEventHandler { answer.give(.success(())) }
    timer.activate()
    defer { timer.cancel() }
    try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { answer.wait($0) }
    } onCancel: {
        answer.give(.failure(CancellationError()))
    }
}

/// A file system did not answer in time.
package struct Unanswered: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// `place` is a directory of that file system.
    package init(at place: FilePath) {
        description = "\(Self.beginning)\(place) does not answer"
    }

    /// Whether this is what a file is said to wait for.
    package static func isReason(_ text: String) -> Bool { text.hasPrefix(beginning) }

    private static let beginning = "its file cannot be read: the file system of "
}
