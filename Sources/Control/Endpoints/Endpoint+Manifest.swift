import Pipeline
import SystemPackage
import Threads

extension Endpoint {
    /// `GET /api/v1/manifest?since=REV&follow=1`: the journal's lines after that revision (``JournalReader``).
    ///
    /// Without `follow`, it ends with the newest one.
    ///
    /// `journal` is the path of the journal in force.
    package static func manifest(_ answers: LongAnswers, _ journal: @escaping @Sendable () -> FilePath) -> Endpoint {
        Endpoint(.get, "/api/v1/manifest", part: .manifest) { request in
            try request.query.allow("since", "follow")
            let since = try request.query.number("since", in: 0...Int64.max) ?? 0
            let follows = try request.query.flag("follow")
            let seat = try answers.seat()
            let reader = JournalReader(journal(), since: since)
            return .stream(contentType: "application/x-ndjson") {
                defer { withExtendedLifetime(seat) {} }
                while true {
                    if let lines = try await offPool({ try reader.next() }) { return lines }
                    guard follows else { return nil }
                    try await rest(for: JournalReader.pause)
                }
            }
        }
    }
}
