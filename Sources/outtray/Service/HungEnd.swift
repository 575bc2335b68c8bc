import ArgumentParser
import Dispatch
import Glibc
import Logging
import Pipeline
import Threads

/// Ends the process where its end hangs: a disk that does not answer would keep it for ever.
///
/// The process then ends as kill -9 would end it, and the next start goes on as after a crash. Dispatch keeps the time,
/// because hung work may hold up all else.
final class HungEnd: Sendable {
    /// How long work may take to end once it is broken off. Milliseconds are usual.
    static let lastPatience = Duration.seconds(5)

    private let isOver = Mutex(false)
    private let logger: Logger
    private let kill: @Sendable () -> Void

    init(logger: Logger, kill: @escaping @Sendable () -> Void = { _exit(ExitStatus.tryAgain.rawValue) }) {
        self.logger = logger
        self.kill = kill
    }

    /// Gives the end this time. Of several times, the first to be over counts.
    func within(_ time: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(time.milliseconds))) { [self] in
            guard takesPlace() else { return }
            // The log may lie on the disk that hangs.
            let told = DispatchSemaphore(value: 0)
            DispatchQueue.global().async { [logger] in
                logger.error("the end hangs, ending as a kill would", metadata: ["reason": "a disk may not answer"])
                told.signal()
            }
            _ = told.wait(timeout: .now() + .seconds(1))
            kill()
        }
    }

    /// Notes that all has ended in time.
    func cancel() { _ = takesPlace() }

    /// Whether this is the first to say so.
    private func takesPlace() -> Bool {
        isOver.withLock { isOver in
            defer { isOver = true }
            return !isOver
        }
    }
}
