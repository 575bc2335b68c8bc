import Glibc
import Logging
import Pipeline
import Threads

/// The work of a connection's thread: connect, serve until the connection is lost, wait, connect again.
struct PostgresThread: Sendable {
    let settings: PostgresSettings
    let channels: [String]
    let retries: RetryPolicy
    let logger: Logger
    let onNotification: @Sendable (PostgresNotification) -> Void
    let mail: PostgresMail

    private var wait: SocketWait { SocketWait(wakeUp: mail.wakeUp) }

    /// Returns when the mail says that it is time to end. Then no request waits any more.
    func work() {
        var failures = 0
        var order = HostOrder()
        while !mail.isStopped {
            do throws(PostgresError) {
                guard let link = try PostgresLink.open(settings, &order, wait, isStopped: { mail.isStopped })
                else { break }
                try serve(link) { failures = 0 }
            } catch {
                giveUp(error)
                failures += 1
                rest(afterFailures: failures)
            }
        }
        giveUp(PostgresError(.unreachable, "the service ends"))
    }

    /// Notes that there is no connection. Fails what was not sent.
    func giveUp(_ error: PostgresError) {
        let (unsent, before) = mail.noteAway(error, at: .now())
        for request in unsent {
            request.promise.give(.failure(PostgresError(.unreachable, error.reason, sqlState: error.sqlState)))
        }
        if case .away(let last, _) = before, last.kind == error.kind { return }
        if mail.isStopped { return }
        logger.warning("The fleet's database cannot be reached", metadata: ["error": "\(error)"])
    }

    /// Sends requests and takes answers, until the connection is lost or it is time to end.
    private func serve(_ link: PostgresLink, reached: () -> Void) throws(PostgresError) {
        do throws(PostgresError) {
            try open(link)
            reached()
            while !mail.isStopped {
                try send(mail.takeRequests(), by: link)
                try turn(link)
                if let error = link.readOnly { throw error }
            }
        } catch {
            // What was sent may have been carried out.
            link.fail(PostgresError(.unreachable, error.reason, sqlState: error.sqlState))
            throw error
        }
        link.fail(PostgresError(.unreachable, "the service ends"))
    }

    /// Sends requests. If the connection is lost at one of them, those behind it fail as well: nobody else has them.
    private func send(_ requests: [PostgresRequest], by link: PostgresLink) throws(PostgresError) {
        for (index, request) in requests.enumerated() where request.promise.given == nil {
            do throws(PostgresError) {
                try link.send(request)
            } catch {
                let unsent = PostgresError(.unreachable, error.reason, sqlState: error.sqlState)
                for request in requests[(index + 1)...] { request.promise.give(.failure(unsent)) }
                throw error
            }
        }
    }

    /// Listens on the channels. The answer shows that the database is there, and not a pooler alone.
    private func open(_ link: PostgresLink) throws(PostgresError) {
        let listens = channels.map { Statement("LISTEN \"\($0.replacing("\"", with: "\"\""))\"") }
        let request = try PostgresRequest(listens)
        try link.send(request)
        while !mail.isStopped {
            try turn(link)
            guard let outcome = request.promise.given else { continue }
            if case .failure(let error) = outcome {
                throw error as? PostgresError ?? PostgresError(.other, "\(error)")
            }
            mail.noteReached(at: .now())
            return logger.notice("The fleet's database is reached")
        }
    }

    /// Waits for the socket or for mail, and does what there is to do.
    private func turn(_ link: PostgresLink) throws(PostgresError) {
        let mustSend = try link.flush()
        let patience = settings.statementTimeout + settings.grace
        let come = wait.wait(
            for: mustSend ? POLLIN | POLLOUT : POLLIN,
            on: link.socket,
            until: link.silentSince?.advanced(by: patience)
        )
        if come & POLLOUT != 0 { link.noteLife() }
        if come & ~POLLOUT != 0 { try link.receive() }
        for notification in link.takeNotifications() { onNotification(notification) }
        if let since = link.silentSince, SuspendingClock.now >= since.advanced(by: patience) {
            throw PostgresError(.unreachable, "the fleet's database is connected and does not answer")
        }
    }

    private func rest(afterFailures failures: Int) {
        var generator = SystemRandomNumberGenerator()
        let end = SuspendingClock.now.advanced(by: retries.delay(afterFailures: failures, using: &generator))
        while !mail.isStopped, SuspendingClock.now < end { _ = wait.wait(for: 0, until: end) }
    }
}
