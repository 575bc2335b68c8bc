import Pipeline
import SystemPackage

extension Endpoint {
    /// How many files of one kind an answer names.
    private static let mostNamed = 1000

    /// `POST /api/v1/wait`: answers when the files are up, or usable, or cannot come there, or the time is over.
    ///
    /// The body has `paths`, of files or directories, `for` (`uploaded` or `ready`) and `timeoutSeconds`. The wait ends
    /// when the client leaves.
    package static func wait(_ waits: FileWaits, _ answers: LongAnswers) -> Endpoint {
        Endpoint(.post, "/api/v1/wait") { request in
            let members = try request.object("paths", "for", "timeoutSeconds")
            guard let paths = try members.paths() else {
                throw ControlError(.invalid, "the body has no paths", hint: "send {\"paths\": [\"/srv/inbox\"]}")
            }
            let text = try members.text("for") ?? WaitGoal.uploaded.rawValue
            guard let goal = WaitGoal(rawValue: text) else {
                throw ControlError(.invalid, "for cannot be \(text)", hint: "it is one of: uploaded, ready")
            }
            let seconds = try members.number("timeoutSeconds", in: 0...31_536_000) ?? 600
            return .once(try answers.seat()) {
                answer(try await waits.wait(for: paths, goal, within: .seconds(seconds)))
            }
        }
    }

    /// The answer. The command gives the same one where no service runs.
    package static func answer(_ report: FileWaits.Report) -> JSON {
        .object([
            "there": .integer(Int64(report.there)),
            "failed": named(report.failed),
            "pending": named(report.pending),
        ])
    }

    private static func named(_ files: [FilePath: String]) -> JSON {
        let sorted = files.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
        return .object([
            "files": .integer(Int64(files.count)),
            "first": .array(
                sorted.prefix(mostNamed).map { path, reason in
                    .object(path.controlMembers + [.init("reason", .string(reason))])
                }
            ),
        ])
    }
}
