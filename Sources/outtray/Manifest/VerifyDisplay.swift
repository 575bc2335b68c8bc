import Control
import Pipeline
import Threads

/// The lines of `outtray manifest verify` as they come; on a terminal also one line that tells how far it is.
final class VerifyDisplay: Sendable {
    private struct State {
        var tally = RemoteVerification.Tally()
        /// What is told beside the differences, for `--json`.
        var others: [JSON] = []
        /// How many entries are asked for, and since when; nil while none are.
        var asked: (entries: Int, since: ContinuousClock.Instant)?
        /// When the line was drawn; nil while it is not there.
        var drawn: ContinuousClock.Instant?
    }

    private let plan: ManifestPlan
    private let isJSON: Bool
    private let state = Mutex(State())

    /// How often the line is drawn anew at most.
    private static let pause = Duration.milliseconds(250)

    init(_ plan: ManifestPlan, json: Bool) {
        self.plan = plan
        isJSON = json
    }

    /// Prints a difference.
    func tell(_ difference: ManifestAudit.Difference) {
        let place = [difference.place.rawValue, difference.path.map { ManifestKey($0).text } ?? ""]
            .filter { !$0.isEmpty }.joined(separator: " ")
        print("differs  \(place): \(difference.reason) — \(difference.fix(plan))")
    }

    /// Takes what was found of an entry, and prints it if it is worth a line.
    func tell(_ news: RemoteVerification.News) {
        state.withLock { state in
            state.tally.add(news)
            if let json = news.json { state.others.append(json) }
            if case .differs(let difference) = news {
                erase(&state)
                tell(difference)
            } else if let line = news.line {
                erase(&state)
                print(line)
            }
            draw(&state)
        }
    }

    /// Begins with so many entries.
    func begin(_ entries: Int) {
        if Terminal.errorColumns != nil { DisplayWidth.begin() }
        state.withLock { state in
            state.asked = (entries, .now)
            draw(&state)
        }
    }

    /// Leaves a clean place. Returns what was found.
    func end() -> RemoteVerification.Tally {
        state.withLock { state in
            erase(&state)
            state.asked = nil
            return state.tally
        }
    }

    /// The one object of `--json`.
    func json(_ result: ManifestVerification.Result, _ outcome: RemoteOutcome?) -> JSON {
        let differences = result.differences + (outcome?.tally.differences ?? [])
        let reasons = state.withLock { $0.others }
        return .object([
            "schema": .integer(1),
            "differences": .array(differences.map { $0.json(plan) }),
            "unmounted": .integer(Int64(result.unmounted)),
            "remote": outcome.map { outcome in
                .object([
                    "entries": .integer(Int64(outcome.entries)),
                    "there": .integer(Int64(outcome.tally.there)),
                    "differ": .integer(Int64(outcome.tally.differences.count)),
                    "unknown": .integer(Int64(outcome.tally.unknown)),
                    "unasked": .integer(Int64(outcome.tally.unasked)),
                    "interrupted": .bool(outcome.isInterrupted),
                    "reasons": .array(reasons),
                ])
            },
        ])
    }

    private func print(_ line: String) {
        if !isJSON { Console.print(printable(line)) }
    }

    /// Carriage return, then erase the line (ECMA-48).
    private func erase(_ state: inout State) {
        guard state.drawn != nil else { return }
        Console.write("\r\u{1B}[K", to: 2)
        state.drawn = nil
    }

    private func draw(_ state: inout State) {
        guard let columns = Terminal.errorColumns, let asked = state.asked else { return }
        let now = ContinuousClock.now
        if let drawn = state.drawn, drawn.duration(to: now) < Self.pause { return }
        let line = Self.progress(state.tally.count, of: asked.entries, after: asked.since.duration(to: now))
        Console.write("\r\(DisplayWidth.cut(line, to: columns - 1))\u{1B}[K", to: 2)
        state.drawn = now
    }

    /// How far it is. The time that is left is told once it can be guessed.
    static func progress(_ count: Int, of entries: Int, after time: Duration) -> String {
        let line = "asked for \(Words.number(count)) of \(Words.count(entries, "entry", "entries"))"
        guard count > 0, time >= .seconds(5) else { return line }
        return "\(line), about \(Words.duration(time / count * (entries - count))) left"
    }
}

extension RemoteVerification.News {
    /// For people; nil if it is worth no line, or is a difference.
    fileprivate var line: String? {
        switch self {
        case .there, .left, .differs: nil
        case .unknown(let path, let reason): "unknown  \(ManifestKey(path).text): \(reason)"
        case .unknownToo(let count, let account, let reason):
            "unknown  \(Words.count(count, "more entry", "more entries")) of account \(account): \(reason)"
        case .unasked(let count, let account, let reason):
            "unasked  \(Words.count(count, "entry", "entries")) of account \(account): \(reason)"
        }
    }

    /// For scripts; nil if it is counted alone, or is a difference.
    fileprivate var json: JSON? {
        switch self {
        case .there, .left, .differs: nil
        case .unknown(let path, let reason):
            .object(ManifestKey(path).fields("path") + [.init("finding", "unknown"), .init("reason", .string(reason))])
        case .unknownToo(let count, let account, let reason): Self.json("unknown", count, account, reason)
        case .unasked(let count, let account, let reason): Self.json("unasked", count, account, reason)
        }
    }

    private static func json(_ finding: JSON, _ count: Int, _ account: String, _ reason: String) -> JSON {
        .object([
            "account": .string(account), "entries": .integer(Int64(count)), "finding": finding,
            "reason": .string(reason),
        ])
    }
}
