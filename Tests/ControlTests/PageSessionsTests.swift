import Foundation
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct PageSessionsTests {
    private func request(_ sessions: PageSessions, _ secret: String) -> ControlRequest {
        ControlRequest("GET", "/api/v1/page", headers: [.init("Cookie", "\(sessions.cookie)=\(secret)")])
    }

    @Test func `a link is good for a minute and a session for thirty days`() async throws {
        let (instant, time) = (Monitor(ContinuousClock.now), Monitor(Timestamp.now()))
        let sessions = PageSessions(nil, time: { time.read { $0 } }, now: { instant.read { $0 } })
        let (late, early) = (sessions.link(isReadOnly: false), sessions.link(isReadOnly: true))
        instant.change { $0 += .seconds(59) }
        let secret = try await sessions.logIn(early, agent: "a browser")
        instant.change { $0 += .seconds(1) }
        await #expect(throws: ControlError.self) { _ = try await sessions.logIn(late, agent: "") }

        let session = try #require(sessions.session(of: request(sessions, secret)))
        #expect(session.isReadOnly && session.agent == "a browser" && sessions.all == [session])
        time.change { $0 = $0.advanced(by: .seconds(30 * 86_400 - 1)) }
        #expect(sessions.session(of: request(sessions, secret)) == session)
        time.change { $0 = $0.advanced(by: .seconds(1)) }
        #expect(sessions.session(of: request(sessions, secret)) == nil && sessions.all.isEmpty)
    }

    @Test func `sessions outlive a restart, their file has no secret, and its owner alone reads it`() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.path.appending("page-sessions.json")
        let sessions = PageSessions(file)
        let key = sessions.link(isReadOnly: false)
        let secret = try await sessions.logIn(key, agent: "é")
        let unused = sessions.link(isReadOnly: false)

        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        #expect(!text.contains(secret) && !text.contains(key) && !text.contains(unused))
        let mode = try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let later = PageSessions(file)
        #expect(later.cookie == sessions.cookie && later.session(of: request(later, secret)) != nil)
        await #expect(throws: ControlError.self) { _ = try await later.logIn(unused, agent: "") }
        #expect(try await later.end { $0.agent == "é" } == 1)
        let last = PageSessions(file)
        #expect(last.session(of: request(last, secret)) == nil)
    }

    @Test func `an end that could not be written down is written when it is asked for again`() async throws {
        let directory = try TemporaryDirectory()
        let state = directory.path.appending("state")
        try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: false)
        let file = state.appending("page-sessions.json")
        let sessions = PageSessions(file)
        let secret = try await sessions.logIn(sessions.link(isReadOnly: false), agent: "")
        let away = directory.path.appending("away")
        try FileManager.default.moveItem(atPath: state.string, toPath: away.string)
        await #expect(throws: (any Error).self) { _ = try await sessions.endAll() }
        #expect(sessions.session(of: request(sessions, secret)) == nil)
        try FileManager.default.moveItem(atPath: away.string, toPath: state.string)
        #expect(PageSessions(file).session(of: request(sessions, secret)) != nil)

        #expect(try await sessions.endAll() == 0)
        #expect(PageSessions(file).session(of: request(sessions, secret)) == nil)
    }

    @Test func `a damaged file logs all out and nobody in`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path.appending("page-sessions.json")
        for text in ["", "{", "[]", "{\"cookie\": 1}"] {
            try text.write(toFile: file.string, atomically: false, encoding: .utf8)
            let sessions = PageSessions(file)
            #expect(sessions.all.isEmpty && sessions.cookie.hasPrefix("outtray-"))
        }
    }

    @Test func `two services of one host have cookies of different names`() {
        #expect(PageSessions(nil).cookie != PageSessions(nil).cookie)
    }

    @Test func `of many links and sessions the oldest go`() async throws {
        let sessions = PageSessions(nil)
        let first = sessions.link(isReadOnly: false)
        for _ in 0..<16 { _ = sessions.link(isReadOnly: false) }
        await #expect(throws: ControlError.self) { _ = try await sessions.logIn(first, agent: "") }
        for number in 0..<257 { _ = try await sessions.logIn(sessions.link(isReadOnly: false), agent: "\(number)") }
        #expect(sessions.all.count == 256 && sessions.all.first?.agent == "1")
    }

    private func answer(of condition: ListenerCondition?) async throws -> JSON {
        let endpoint = Endpoint.link(PageSessions(nil)) { condition }
        return try JSONReader.value(of: try await endpoint.answer(ControlRequest("POST", "/")).bytes[...])
    }

    @Test(arguments: [
        ("127.0.0.1:8385", false, "http://127.0.0.1:8385/#k="), ("0.0.0.0:1", true, "https://127.0.0.1:1/#k="),
        ("[::]:1", false, "http://[::1]:1/#k="), ("[fd00::1]:1", true, "https://[fd00::1]:1/#k="),
    ])
    func `a link leads to where the page is served`(address: String, isSecure: Bool, url: String) async throws {
        let condition = ListenerCondition(
            address: address,
            serves: [.page],
            isOpen: true,
            isSecure: isSecure,
            trouble: nil,
            since: nil
        )
        let link = try #require(try await answer(of: condition).members?["url"]?.string)
        // 128 bits, in the fragment, which no browser sends.
        #expect(link.hasPrefix(url) && link.count == url.count + 32)
    }

    @Test func `without a listener that serves the page and listens there is no link, and the hint says what to do`()
        async
    {
        let closed = ListenerCondition(address: "127.0.0.1:1", serves: [.page], isOpen: false, trouble: nil, since: nil)
        let other = ListenerCondition(address: "127.0.0.1:1", serves: [.health], isOpen: true, trouble: nil, since: nil)
        for (condition, code) in [(nil, ControlError.Code.notFound), (other, .notFound), (closed, .notReady)] {
            let error = await #expect(throws: ControlError.self) { _ = try await answer(of: condition) }
            #expect(error?.code == code)
        }
    }
}
