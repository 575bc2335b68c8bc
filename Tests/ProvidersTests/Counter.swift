import Threads

/// A number that several tasks add to.
final class Counter: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    /// Returns the sum.
    @discardableResult func add(_ amount: Int = 1) -> Int {
        number.withLock { number in
            number += amount
            return number
        }
    }
}
