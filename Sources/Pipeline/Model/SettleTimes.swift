import SystemPackage
import Watch

/// How long a folder's files rest, where that goes by their names.
package struct SettleTimes: Equatable, Sendable {
    private let patterns: NamePatterns
    private let times: [String: Duration]

    /// Shell patterns for names, each with its time. The first pattern that matches decides.
    package init(_ times: [(pattern: String, settle: Duration)] = []) {
        patterns = NamePatterns(times.map(\.pattern))
        self.times = Dictionary(times.map { ($0.pattern, $0.settle) }) { first, _ in first }
    }

    /// The time of a name; nil if no pattern matches it.
    func time(for name: FilePath.Component) -> Duration? {
        patterns.first(matching: name).flatMap { times[$0] }
    }
}
