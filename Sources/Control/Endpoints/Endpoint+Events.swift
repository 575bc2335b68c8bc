import Pipeline
import Threads

extension Endpoint {
    /// `GET /api/v1/events`: what happens, as server-sent events. `Last-Event-ID` goes on after that event.
    ///
    /// The event `reset` says that events are lost to this client: the id is of another start of the service, or too
    /// many came meanwhile. Without an event for `pause`, a comment shows that the service lives.
    ///
    /// A browser's stream ends with the browser's session.
    package static func events(
        _ ring: EventRing,
        _ answers: LongAnswers,
        _ sessions: PageSessions,
        pause: Duration = .seconds(15)
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/events", part: .page, access: .session(.look)) { request in
            try request.query.allow()
            let place: EventRing.Cursor
            if let id = request.values(of: "last-event-id").first {
                guard let cursor = ring.cursor(id: id) else {
                    throw ControlError(
                        .invalid,
                        "Last-Event-ID cannot be \(id)",
                        hint: "send the id of an event, or leave the field out"
                    )
                }
                place = cursor
            } else {
                place = ring.end
            }
            let isBrowser = sessions.isShown(by: request)
            let seat = try answers.seat()
            let cursor = Mutex(place)
            // The answer's head goes out with the first bytes.
            let isBegun = Mutex(false)
            var answer = ControlAnswer.stream(contentType: "text/event-stream") {
                defer { withExtendedLifetime(seat) {} }
                guard
                    isBegun.withLock({ begun in
                        defer { begun = true }
                        return begun
                    })
                else { return Array(": events of outtray\n\n".utf8) }
                let turn = try await ring.next(after: cursor.withLock { $0 }, within: pause)
                if isBrowser, sessions.session(of: request) == nil { return nil }
                guard let turn else { return Array(":\n\n".utf8) }
                switch turn {
                case .events(let text, let end):
                    cursor.withLock { $0 = end }
                    return text
                case .reset(let end):
                    cursor.withLock { $0 = end }
                    return Array("id: \(end.id)\nevent: reset\ndata: {\"at\":\"\(Timestamp.now().iso8601)\"}\n\n".utf8)
                }
            }
            // A proxy that gathers pieces would keep the news back: https://nginx.org/r/proxy_buffering
            answer.fields.append(("X-Accel-Buffering", "no"))
            return answer
        }
    }
}

extension EventRing {
    /// The same as ``next(after:)``; nil if nothing comes within the time.
    fileprivate func next(after cursor: Cursor, within time: Duration) async throws -> Turn? {
        try await withThrowingTaskGroup(of: Turn?.self) { group in
            group.addTask { try await self.next(after: cursor) }
            group.addTask {
                try await rest(for: time)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

extension EventRing.Cursor {
    /// The id of the event before this place.
    var id: String { "\(start)-\(number)" }
}
