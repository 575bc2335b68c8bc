import Threads

/// The answers that may take long: waits and streams. So many at a time that connections are left for short questions.
package final class LongAnswers: Sendable {
    private let most: Int
    private let taken = Mutex(0)

    package init(most: Int = 96) {
        self.most = most
    }

    /// The right to one long answer. It ends with its last owner.
    final class Seat: Sendable {
        private let answers: LongAnswers

        fileprivate init(_ answers: LongAnswers) {
            self.answers = answers
        }

        deinit {
            answers.taken.withLock { $0 -= 1 }
        }
    }

    /// - Throws: ``ControlError`` with the code `busy`, if all are taken.
    func seat() throws(ControlError) -> Seat {
        let isFree = taken.withLock { taken in
            guard taken < most else { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw ControlError(
                .busy,
                "\(most) clients wait or follow already",
                hint: "end some of them, or wait for several files by one request"
            )
        }
        return Seat(self)
    }
}
