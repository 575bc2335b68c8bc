import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Control

@Suite(.timeLimit(.minutes(5))) struct EventRingTests {
    private func ring(size: Int = 1000) -> EventRing {
        let time = Mutex(ContinuousClock.now)
        return EventRing(start: "s", size: size) { time.withLock { $0 } }
    }

    private func rejected(_ number: Int) -> PipelineEvent {
        .rejected(FilePath("/in/\(number)"), Rejection(.empty, "it is empty"))
    }

    private let file = MediaFile(
        folder: "inbox",
        root: "/in",
        path: "/in/a",
        version: FileVersion(device: 1, inode: 2, size: 100, modified: 3, changed: 4),
        account: "main",
        mime: MIMEType(rawValue: "image/jpeg"),
        kind: .image,
        uploadName: "a"
    )

    /// The names and ids of the events after a place.
    private func read(_ ring: EventRing, after id: String) async throws -> [String] {
        let cursor = try #require(ring.cursor(id: id))
        switch try await ring.next(after: cursor) {
        case .reset(let end): return ["reset \(end.id)"]
        case .events(let text, _):
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            let ids = lines.filter { $0.hasPrefix("id: ") }.map { $0.dropFirst(4) }
            let names = lines.filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
            return zip(ids, names).map { "\($0) \($1)" }
        }
    }

    @Test func `a reader gets each event after its place, once and in order`() async throws {
        let ring = ring()
        for number in 1...3 { ring.observe(rejected(number)) }

        #expect(try await read(ring, after: "s-0") == ["s-1 rejected", "s-2 rejected", "s-3 rejected"])
        #expect(try await read(ring, after: "s-2") == ["s-3 rejected"])
        async let next = read(ring, after: "s-3")
        ring.observe(.accountOpen("main"))
        #expect(try await next == ["s-4 open"])
    }

    @Test func `an event has a name and its facts`() async throws {
        let ring = ring()
        ring.observe(rejected(1))
        guard case .events(let text, _) = try await ring.next(after: #require(ring.cursor(id: "s-0"))) else {
            Issue.record("no events")
            return
        }
        let told = String(decoding: text, as: UTF8.self)
        #expect(told.hasPrefix("id: s-1\nevent: rejected\ndata: {\"at\":\""))
        #expect(told.hasSuffix("\"path\":\"/in/1\",\"code\":\"empty\",\"reason\":\"it is empty\"}\n\n"))
    }

    @Test func `the other path of a move says how it is written`() {
        func told(_ path: FilePath) -> String {
            ToldEvent(.reused(file, movedFrom: path), at: Timestamp(milliseconds: 0))?.data.json ?? ""
        }

        #expect(told(.notUTF8).hasSuffix(#","from":"/in/%FF","fromEncoding":"percent"}"#), "\(told(.notUTF8))")
        #expect(told("/in/b").hasSuffix(#","from":"/in/b"}"#))
    }

    @Test func `what is of another start, or gone, or not yet there, is a reset`() async throws {
        let ring = ring(size: 5)
        for number in 1...8 { ring.observe(rejected(number)) }

        for id in ["t-8", "s-2", "s-9", "s--1"] { #expect(try await read(ring, after: id) == ["reset s-8"], "\(id)") }
        #expect(try await read(ring, after: "s-3").count == 5)
        #expect(ring.cursor(id: "s") == nil && ring.cursor(id: "s-x") == nil)
    }

    @Test func `of a file's progress the newest event is kept, at most four a second`() async throws {
        let time = Mutex(ContinuousClock.now)
        let ring = EventRing(start: "s", size: 10) { time.withLock { $0 } }
        ring.observe(rejected(0))
        for sent in 1...1000 {
            ring.observe(.sending(file, sent: Int64(sent)))
            time.withLock { $0 += .milliseconds(10) }
        }
        // Each event has its number: one at the begin, and 39 more in 10 s.
        #expect(try await read(ring, after: "s-0") == ["s-1 rejected", "s-41 progress"])
        #expect(try await read(ring, after: "s-20") == ["s-41 progress"])
    }

    @Test func `the ring is bounded, whatever comes`() async throws {
        let ring = ring(size: 100)
        for number in 0..<10_000 { ring.observe(rejected(number)) }
        #expect(try await read(ring, after: "s-9900").count == 100)
    }

    private func stream(_ ring: EventRing, _ headers: [(String, String)] = [], count: Int) async throws -> [String] {
        let lines = Mutex<[String]>([])
        struct Enough: Error {}
        try await withSocket([.events(ring, LongAnswers(), PageSessions(nil), pause: .milliseconds(20))]) { socket in
            do {
                try await ControlClient(socket).lines(of: "/api/v1/events", headers: headers) { line in
                    try lines.withLock { lines in
                        lines.append(line)
                        if lines.count >= count { throw Enough() }
                    }
                }
            } catch is Enough {}
        }
        return lines.withLock { $0 }
    }

    @Test func `over the socket a client goes on after its last event, and hears that the service lives`() async throws
    {
        let ring = ring()
        ring.observe(rejected(1))
        ring.observe(.accountOpen("main"))

        let told = try await stream(ring, [("Last-Event-ID", "s-1")], count: 8)
        let reset = try await stream(ring, [("Last-Event-ID", "old-1")], count: 5)
        let new = try await stream(ring, count: 4)

        #expect(told[0] == ": events of outtray" && told[2] == "id: s-2" && told[3] == "event: open")
        #expect(told[6] == ":", "\(told)")
        #expect(Array(reset[2...3]) == ["id: s-2", "event: reset"])
        #expect(reset[4].hasPrefix("data: {\"at\":\""))
        #expect(new[2] == ":", "without an id it begins with what comes: \(new)")
    }

    @Test func `an id that is none is refused`() async throws {
        try await withSocket([.events(ring(), LongAnswers(), PageSessions(nil))]) { socket in
            let answer = try await asked(socket, "/api/v1/events", headers: ["Host: outtray", "Last-Event-ID: x"])
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
    }
}
