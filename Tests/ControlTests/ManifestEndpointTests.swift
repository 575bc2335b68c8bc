import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct ManifestEndpointTests {
    private func line(_ revision: Int) -> String { "{\"revision\":\(revision),\"event\":\"uploaded\"}\n" }

    @Test func `the journal's lines come after a revision, and end with the newest`() async throws {
        let directory = try TemporaryDirectory()
        let journal = directory.path.appending("manifest.ndjson")
        try directory.write("manifest.ndjson", Array((1...3).map(line).joined().utf8))
        try await withSocket([.manifest(LongAnswers()) { journal }]) { socket in
            let lines = Mutex<[String]>([])
            try await ControlClient(socket).lines(of: "/api/v1/manifest", query: [("since", Array("1".utf8))]) { line in
                lines.withLock { $0.append(line) }
            }
            #expect(lines.withLock { $0 } == [2, 3].map { String(line($0).dropLast()) })

            for query in ["since=-1", "since=x", "follow=2", "from=1"] {
                let answer = try await asked(socket, "/api/v1/manifest?\(query)")
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(query)")
            }
        }
    }

    @Test func `with follow it goes on with what comes`() async throws {
        struct Enough: Error {}
        let directory = try TemporaryDirectory()
        let journal = directory.path.appending("manifest.ndjson")
        let lines = Mutex<[String]>([])
        let (first, second) = (line(1), line(2))
        try await withSocket([.manifest(LongAnswers()) { journal }]) { socket in
            do {
                try directory.write("manifest.ndjson", Array(first.utf8))
                try await ControlClient(socket).lines(
                    of: "/api/v1/manifest",
                    query: [("follow", Array("1".utf8))]
                ) { line in
                    lines.withLock { $0.append(line) }
                    if lines.withLock({ $0.count }) == 2 { throw Enough() }
                    try directory.write("manifest.ndjson", Array((first + second).utf8))
                }
            } catch is Enough {}
        }
        #expect(lines.withLock { $0 } == [first, second].map { String($0.dropLast()) })
    }
}
