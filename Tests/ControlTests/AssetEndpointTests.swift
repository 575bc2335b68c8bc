import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

/// `GET /api/v1/files/asset` at a real socket: what is asked comes back as it was found.
@Suite(.timeLimit(.minutes(5))) struct AssetEndpointTests {
    private static func look(_ finding: AssetLook.Finding) -> AssetLook {
        AssetLook(id: "med_1", provider: "postbreeze", account: "main", recorded: .ready, finding: finding)
    }

    @Test(arguments: [
        nil, look(.there(.failed)), look(.gone), look(.unknown("no route", isOfAccount: true)),
        look(.unknown("500", isOfAccount: false)), look(.unasked("no call")),
    ])
    func `a finding comes back as it was`(found: AssetLook?) async throws {
        let asked = Mutex<[FilePath]>([])
        let endpoint = Endpoint.asset(LongAnswers()) { path in
            asked.withLock { $0.append(path) }
            return found
        }

        try await withSocket([endpoint]) { socket in
            let query = [(name: "path", value: FilePath.notUTF8.bytes)]
            let answer = try await ControlClient(socket).get("/api/v1/files/asset", query: query)
            #expect(try AssetLook.of(answer) == found)
            #expect(answer.members?["pathEncoding"] == "percent")
        }
        #expect(asked.withLock { $0 } == [.notUTF8])
    }

    @Test(arguments: ["{}", #"{"finding":"maybe"}"#, #"{"finding":"gone"}"#, "[]"])
    func `an answer of something else is none`(text: String) throws {
        let answer = try JSONReader.value(of: Array(text.utf8)[...])

        #expect(throws: ControlTrouble.self) { try AssetLook.of(answer) }
    }
}
