/// How fast bytes may go out: one rate, or rates by the time of day.
package struct Bandwidth: Hashable, Sendable {
    /// A rate that holds from a minute of the day until the next step.
    package struct Step: Hashable, Sendable {
        /// Minutes since midnight, local time: 0 to 1439.
        package let minute: Int
        /// In bytes a second; nil for no limit.
        package let rate: Int64?

        package init(minute: Int, rate: Int64?) {
            self.minute = minute
            self.rate = rate
        }
    }

    /// 64 kbit/s, in bytes a second. With less, uploads side by side would wait so long for their turn that they
    /// would be taken for stalled.
    package static let lowest: Int64 = 8000
    package static let unlimited = Bandwidth(rate: nil)

    /// In the order of their minutes, and never empty.
    private let steps: [Step]

    /// The same rate at any time, in bytes a second; nil for no limit.
    package init(rate: Int64?) {
        steps = [Step(minute: 0, rate: rate)]
    }

    /// Rates by the time of day. Before its first step, a day goes on as the day before ended. Nil without a step,
    /// and if two steps have the same minute.
    package init?(_ steps: [Step]) {
        guard !steps.isEmpty, Set(steps.map(\.minute)).count == steps.count else { return nil }
        self.steps = steps.sorted { $0.minute < $1.minute }
    }

    /// The rate at a minute of the day, in bytes a second; nil for no limit.
    package func rate(at minute: @autoclosure () -> Int) -> Int64? {
        if steps.count == 1 { return steps[0].rate }
        let minute = minute()
        return (steps.last { $0.minute <= minute } ?? steps[steps.count - 1]).rate
    }
}
