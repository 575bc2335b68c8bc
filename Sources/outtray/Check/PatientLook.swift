import Dispatch
import Threads

/// An answer of work that may hang, such as a look at a dead network disk.
///
/// The work begins at once, on a thread of its own. A thread that hangs is left behind.
final class PatientLook<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let end = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () -> Value) {
        do throws(OwnThread.ThreadError) {
            try OwnThread.start(named: "check") { [self] in
                let result = work()
                value.withLock { $0 = result }
                end.signal()
            }
        } catch {
            // No thread could be started: there is no answer.
            end.signal()
        }
    }

    /// The answer; nil if there is none by then. Blocks until then at most. Ask once.
    func answer(by deadline: DispatchTime) -> Value? {
        _ = end.wait(timeout: deadline)
        return value.withLock { $0 }
    }
}
