import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

/// Actions at a real socket: what they take, and what they answer.
@Suite(.timeLimit(.minutes(5))) struct ActionEndpointTests {
    private func refusal(_ endpoint: Endpoint, _ path: String, _ body: JSON) async throws -> String? {
        let code = Mutex<String?>(nil)
        try await withSocket([endpoint]) { socket in
            do throws(ControlTrouble) {
                _ = try await ControlClient(socket).post(path, body)
            } catch {
                guard case .refused(let told, _, let hint) = error else { throw error }
                #expect(!hint.isEmpty)
                code.withLock { $0 = told }
            }
        }
        return code.withLock { $0 }
    }

    private func answer(_ endpoint: Endpoint, _ path: String, _ body: JSON) async throws -> JSON? {
        let answer = Mutex<JSON?>(nil)
        try await withSocket([endpoint]) { socket in
            let told = try await ControlClient(socket).post(path, body)
            answer.withLock { $0 = told }
        }
        return answer.withLock { $0 }
    }

    @Test(arguments: [
        (#"{"all":true}"#, RetryChoice.scope(.all)), (#"{"account":"main"}"#, .scope(.account("main"))),
        (#"{"folder":"inbox"}"#, .scope(.folder("inbox"))), (#"{"cause":"quota"}"#, .cause(.quota)),
        (#"{"paths":["/in/a",{"path":"/in/%FF","pathEncoding":"percent"}]}"#, .paths(["/in/a", .notUTF8])),
    ])
    func `retry takes one choice`(body: String, choice: RetryChoice) async throws {
        let asked = Mutex<RetryChoice?>(nil)
        let endpoint = Endpoint.retry { wanted in
            asked.withLock { $0 = wanted }
            var report = RetryReport()
            report.retried = 2
            report.opened = ["main"]
            report.files = [RetriedFile(.notUTF8, .due)]
            return report
        }

        let value = try JSONReader.value(of: Array(body.utf8)[...])
        let answer = try await answer(endpoint, "/api/v1/retry", value)

        #expect(asked.withLock { $0 } == choice)
        let files = #"[{"path":"/in/%FF","pathEncoding":"percent","outcome":"due"}]"#
        #expect(answer?.json == #"{"retried":2,"opened":["main"],"files":\#(files)}"#)
    }

    @Test(arguments: [
        "{}", #"{"all":false}"#, #"{"all":true,"folder":"inbox"}"#, #"{"cause":"hunger"}"#, #"{"paths":[]}"#,
        #"{"paths":["a"]}"#, #"{"paths":"/in/a"}"#, #"{"paths":[7]}"#, #"{"folder":7}"#, #"{"everything":true}"#,
    ])
    func `a wish for another try that makes no sense is refused`(body: String) async throws {
        let endpoint = Endpoint.retry { _ in RetryReport() }

        let value = try JSONReader.value(of: Array(body.utf8)[...])
        #expect(try await refusal(endpoint, "/api/v1/retry", value) == "invalid")
    }

    @Test(arguments: [
        (#"{}"#, ActionScope.all), (#"{"scope":"all"}"#, .all), (#"{"scope":"account","name":"m"}"#, .account("m")),
        (#"{"scope":"folder","name":"i"}"#, .folder("i")),
    ])
    func `a scope is all, an account or a folder`(body: String, scope: ActionScope) async throws {
        let value = try JSONReader.value(of: Array(body.utf8)[...])
        let asked = Mutex<[ActionScope]>([])
        let pause = Endpoint.pause { wanted in
            asked.withLock { $0.append(wanted) }
            return [Pause(.folder(name: "inbox", path: "/in"), since: Timestamp(milliseconds: 0))]
        }
        let resume = Endpoint.resume { wanted in
            asked.withLock { $0.append(wanted) }
            return []
        }
        let rescan = Endpoint.rescan { wanted in
            asked.withLock { $0.append(wanted) }
            return (["inbox"], ["hung"])
        }

        let paused = try await answer(pause, "/api/v1/pause", value)
        let resumed = try await answer(resume, "/api/v1/resume", value)
        let rescanned = try await answer(rescan, "/api/v1/rescan", value)

        #expect(paused?.json == #"{"paused":[{"scope":"folder","name":"inbox","since":"1970-01-01T00:00:00Z"}]}"#)
        #expect(resumed?.json == #"{"paused":[]}"#)
        #expect(rescanned?.json == #"{"rescanned":["inbox"],"silent":["hung"]}"#)
        #expect(asked.withLock { $0 } == [scope, scope, scope])
    }

    @Test(arguments: [
        #"{"scope":"some"}"#, #"{"scope":"account"}"#, #"{"scope":"all","name":"x"}"#, #"{"name":"x"}"#,
        #"{"scope":"folder","name":7}"#,
    ])
    func `a scope that makes no sense is refused`(body: String) async throws {
        let value = try JSONReader.value(of: Array(body.utf8)[...])
        #expect(try await refusal(.pause { _ in [] }, "/api/v1/pause", value) == "invalid")
    }

    @Test func `a name that the configuration does not have is not found`() async throws {
        let endpoint = Endpoint.pause { _ in throw UnknownName(what: "folder", name: "x", known: ["inbox"]) }
        let body = JSON.object(["scope": "folder", "name": "x"])

        #expect(try await refusal(endpoint, "/api/v1/pause", body) == "not-found")
    }

    @Test func `a reload answers with the folders, or with what is wrong`() async throws {
        let taken = try await answer(.reload { .taken(folders: ["inbox"]) }, "/api/v1/reload", .object([]))
        let partly = try await answer(
            .reload { .taken(folders: [], atNextStart: ["fleet"]) },
            "/api/v1/reload",
            .object([])
        )
        let refused = try await refusal(.reload { .refused("line 3: no") }, "/api/v1/reload", .object([]))

        #expect(partly?.json == #"{"reloaded":true,"folders":[],"atNextStart":["fleet"]}"#)
        #expect(taken?.json == #"{"reloaded":true,"folders":["inbox"]}"#)
        #expect(refused == "invalid-configuration")
    }

    @Test func `forget says of each path what became of it`() async throws {
        let endpoint = Endpoint.forget { paths in
            zip(paths, [ForgottenFile.Outcome.forgotten, .present]).map { ForgottenFile($0, $1) }
        }
        let body = JSON.object(["paths": .array([.string("/in/a"), FilePath.notUTF8.controlJSON])])

        let told = try await answer(endpoint, "/api/v1/forget", body)

        let files =
            #"[{"path":"/in/a","outcome":"forgotten"},"#
            + #"{"path":"/in/%FF","pathEncoding":"percent","outcome":"present"}]"#
        #expect(told?.json == #"{"forgotten":1,"files":\#(files)}"#)
        #expect(try await refusal(endpoint, "/api/v1/forget", .object([])) == "invalid")
    }
}

extension FilePath {
    static let notUTF8 = FilePath(bytes: Array("/in/".utf8) + [0xFF])
}
