import TestSupport
import Testing

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
    @Test(arguments: [
        (Readiness(missingFolders: [], closedRecords: nil), "HTTP/1.1 200 ", ["ready"]),
        (Readiness(missingFolders: ["a", "b"], closedRecords: nil), "HTTP/1.1 503 ", ["not-ready", "a, b"]),
        (Readiness(missingFolders: [], closedRecords: "disk full"), "HTTP/1.1 503 ", ["not-ready", "disk full"]),
        (Readiness(missingFolders: ["a"], closedRecords: "disk full"), "HTTP/1.1 503 ", ["yet: a", "disk full"]),
    ])
    func `the answer says what lacks`(_ readiness: Readiness, _ status: String, _ words: [String]) async throws {
        try await withSocket([.readiness { readiness }]) { path in
            let answer = try await asked(path, "/readyz")

            #expect(answer.hasPrefix(status))
            for word in words { #expect(answer.contains(word), "\(answer)") }
        }
    }
}
