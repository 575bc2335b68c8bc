import Pipeline
import SystemPackage
import Threads

/// The browsers that are logged in to the page, and the links by which others may log in.
///
/// A link is good once, and for ``linkTime``. Links are in memory alone. A session lasts for ``sessionTime``, over
/// restarts, or until a person ends it.
package final class PageSessions: Sendable {
    package static let linkTime = Duration.seconds(60)
    static let sessionTime = Duration.seconds(30 * 86_400)
    /// Of more than these, the oldest goes.
    private static let (mostLinks, mostSessions) = (16, 256)

    private struct Link {
        let digest: String
        let isReadOnly: Bool
        let end: ContinuousClock.Instant
    }

    private struct State {
        var book: PageBook
        var links: [Link] = []
    }

    private let file: FilePath?
    private let time: @Sendable () -> Timestamp
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>
    /// Held while the file is written.
    private let writing = Mutex(())

    /// `file`: where sessions are kept; nil keeps them in memory. Reads the file, which blocks.
    package init(
        _ file: FilePath?,
        time: @escaping @Sendable () -> Timestamp = { .now() },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.file = file
        self.time = time
        self.now = now
        state = Mutex(State(book: file.map { PageBook.read($0) } ?? PageBook()))
    }

    /// The name of the cookie by which browsers are known.
    var cookie: String { state.withLock { $0.book.cookie } }

    /// The key of a new link.
    package func link(isReadOnly: Bool) -> String {
        let key = PageSecret.digits(bytes: 16)
        let now = now()
        let link = Link(digest: PageSecret.digest(key), isReadOnly: isReadOnly, end: now + Self.linkTime)
        state.withLock { state in
            state.links.removeAll { $0.end <= now }
            state.links = state.links.suffix(Self.mostLinks - 1) + [link]
        }
        return key
    }

    /// Logs a browser in by a link's key, which is used up. Returns what the browser is to show from now on.
    ///
    /// A session that cannot be written down, as on a full disk, ends with the service.
    ///
    /// - Throws: ``ControlError`` with the code `logged-out`.
    func logIn(_ key: String, agent: String) async throws -> String {
        let digest = PageSecret.digest(key)
        let (now, time) = (now(), time())
        let secret = PageSecret.digits(bytes: 32)
        let isIn = state.withLock { state in
            state.links.removeAll { $0.end <= now }
            guard let link = state.links.firstIndex(where: { $0.digest == digest }) else { return false }
            let session = PageSession(
                id: PageSecret.digits(bytes: 4),
                digest: PageSecret.digest(secret),
                isReadOnly: state.links.remove(at: link).isReadOnly,
                since: time,
                until: time.advanced(by: Self.sessionTime),
                agent: String(agent.prefix(200))
            )
            state.book.sessions.removeAll { $0.until <= time }
            state.book.sessions = state.book.sessions.suffix(Self.mostSessions - 1) + [session]
            return true
        }
        guard isIn else {
            throw ControlError(
                .loggedOut,
                "the link was used already, or is too old",
                hint: "ask for a new one on the machine: outtray page"
            )
        }
        try? await save()
        return secret
    }

    /// All sessions, the oldest first.
    package var all: [PageSession] {
        let time = time()
        return state.withLock { $0.book.sessions.filter { $0.until > time } }
    }

    /// Ends all sessions, and all links that nobody has used. Returns how many sessions.
    ///
    /// - Throws: As ``end(_:)``.
    func endAll() async throws -> Int {
        state.withLock { $0.links = [] }
        return try await end { _ in true }
    }

    /// Ends the sessions that `isMeant` says yes to. Returns how many.
    ///
    /// - Throws: The failure to write it down. The sessions have ended all the same, until a restart.
    func end(_ isMeant: @Sendable (PageSession) -> Bool) async throws -> Int {
        let ended = state.withLock { state in
            let before = state.book.sessions.count
            state.book.sessions.removeAll(where: isMeant)
            return before - state.book.sessions.count
        }
        // Also where none has ended: an earlier end may not be written down yet.
        try await save()
        return ended
    }

    /// The session of the browser that a request is from; nil if it is not logged in.
    func session(of request: ControlRequest) -> PageSession? {
        let digests = secrets(in: request).map { PageSecret.digest($0) }
        let time = time()
        return state.withLock { state in
            state.book.sessions.first { digests.contains($0.digest) && $0.until > time }
        }
    }

    /// Whether a request shows a session, be it one that has ended. At the control socket, none does.
    func isShown(by request: ControlRequest) -> Bool { !secrets(in: request).isEmpty }

    /// The values of this service's cookie.
    private func secrets(in request: ControlRequest) -> [Substring] {
        let name = cookie
        return request.values(of: "cookie").flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == name ? parts[1] : nil
        }
    }

    /// - Throws: ``ControlError`` with the code `logged-out` or `read-only`.
    func check(_ request: ControlRequest, for right: PageRight) throws(ControlError) {
        guard let session = session(of: request) else {
            throw ControlError(
                .loggedOut,
                "this browser is not logged in",
                hint: "ask for a link on the machine: outtray page"
            )
        }
        if right != .look, session.isReadOnly {
            throw ControlError(
                .readOnly,
                "this browser may look, and change nothing",
                hint: "ask for another link on the machine: outtray page"
            )
        }
    }

    private func save() async throws {
        guard let file else { return }
        try await offPool { [self] in
            // The newest book is written last, however many tasks come here.
            try writing.withLock { _ in try state.withLock { $0.book }.write(file) }
        }
    }
}
