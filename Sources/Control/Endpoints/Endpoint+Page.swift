import Pipeline

// The page in a browser, and who is logged in to it.

extension Endpoint {
    /// `GET /` and the files that the page consists of. They say nothing of this service, so all may have them.
    package static let pageFiles = PageFile.all.map { file in
        Endpoint(.get, file.name == "index.html" ? "/" : "/" + file.name, part: .page, access: .visitors) { request in
            file.answer(request)
        }
    }

    /// `GET /api/v1/page`: as whom this browser is logged in.
    package static func session(_ sessions: PageSessions) -> Endpoint {
        Endpoint(.get, "/api/v1/page", part: .page, access: .session(.look)) { request in
            // At the control socket there is no browser, and all is allowed.
            .json(sessions.session(of: request)?.json ?? .object(["readOnly": .bool(false)]))
        }
    }

    /// `POST /api/v1/page/login`: `{key}`, the key of a link. The answer sets the cookie.
    package static func login(
        _ sessions: PageSessions,
        _ listener: @escaping @Sendable () -> ListenerCondition?
    ) -> Endpoint {
        Endpoint(.post, "/api/v1/page/login", part: .page, access: .login) { request in
            guard let key = try request.object("key").text("key") else {
                throw ControlError(.invalid, "the body has no key", hint: "open the link that outtray page prints")
            }
            let agent = request.values(of: "user-agent").first ?? ""
            let secret = try await sessions.logIn(key, agent: agent)
            return .json(.object(["loggedIn": .bool(true)])).setting(
                sessions.cookie,
                to: secret,
                for: PageSessions.sessionTime,
                isSecure: listener()?.isSecure == true || request.isFromSecurePage
            )
        }
    }

    /// `POST /api/v1/page/logout`: ends this browser's session.
    package static func logout(
        _ sessions: PageSessions,
        _ listener: @escaping @Sendable () -> ListenerCondition?
    ) -> Endpoint {
        Endpoint(.post, "/api/v1/page/logout", part: .page, access: .session(.look)) { request in
            _ = try request.object()
            let id = sessions.session(of: request)?.id
            let ended = try await sessions.end { $0.id == id }
            return .json(.object(["ended": .integer(Int64(ended))])).setting(
                sessions.cookie,
                to: "",
                for: .zero,
                isSecure: listener()?.isSecure == true || request.isFromSecurePage
            )
        }
    }

    /// `POST /api/v1/page/link`: `{readOnly}`. A link by which one browser can log in. For the control socket alone.
    package static func link(
        _ sessions: PageSessions,
        _ listener: @escaping @Sendable () -> ListenerCondition?
    ) -> Endpoint {
        Endpoint(.post, "/api/v1/page/link") { request in
            let members = try request.object("readOnly")
            guard let isReadOnly = members["readOnly"].map(\.bool) ?? false else {
                throw ControlError(.invalid, "readOnly is neither true nor false", hint: "leave it out")
            }
            guard let condition = listener(), condition.serves.contains(.page) else {
                throw ControlError(
                    .notFound,
                    "the page is not served",
                    hint: "write into the configuration: listen: {serve: [page]}; then: outtray reload. For now alone: "
                        + "outtray page --listen"
                )
            }
            guard condition.isOpen else {
                throw ControlError(
                    .notReady,
                    "nothing listens at \(condition.address): \(condition.trouble?.reason ?? "it begins in a moment")",
                    hint: condition.trouble?.fix ?? "ask again"
                )
            }
            let key = sessions.link(isReadOnly: isReadOnly)
            return .json(
                .object([
                    "url": .string(condition.link(key)),
                    "readOnly": .bool(isReadOnly),
                    "validSeconds": .integer(PageSessions.linkTime.components.seconds),
                ])
            )
        }
    }

    /// `POST /api/v1/page/listen`: serves the page until the service ends or reads its configuration again, though the
    /// configuration does not ask for it. For the control socket alone.
    package static func pageListening(
        _ listen: @escaping @Sendable () async -> ListenAddress?
    ) -> Endpoint {
        Endpoint(.post, "/api/v1/page/listen") { request in
            _ = try request.object()
            if let other = await listen() {
                throw ControlError(
                    .invalid,
                    "the configuration has a listener at \(other) already, without the page",
                    hint: "add page to its serve; then: outtray reload"
                )
            }
            return .json(.object(["listening": .bool(true)]))
        }
    }

    /// `GET /api/v1/page/sessions`: who is logged in. For the control socket alone.
    package static func sessions(_ sessions: PageSessions) -> Endpoint {
        Endpoint(.get, "/api/v1/page/sessions") { request in
            try request.query.allow()
            return .json(.object(["sessions": .array(sessions.all.map(\.json))]))
        }
    }

    /// `POST /api/v1/page/revoke`: `{session}` or `{"all": true}`. Ends sessions. For the control socket alone.
    package static func revoke(_ sessions: PageSessions) -> Endpoint {
        Endpoint(.post, "/api/v1/page/revoke") { request in
            let members = try request.object("session", "all")
            let id = try members.text("session")
            guard members.count == 1, id != nil || members["all"]?.bool == true else {
                throw ControlError(.invalid, "the body names no session", hint: "send session, or {\"all\": true}")
            }
            let ended = if let id { try await sessions.end { $0.id == id } } else { try await sessions.endAll() }
            if let id, ended == 0 {
                throw ControlError(.notFound, "there is no session \(id)", hint: "see: outtray page --sessions")
            }
            return .json(.object(["ended": .integer(Int64(ended))]))
        }
    }
}

extension ControlRequest {
    /// Whether it is from a page that came over TLS, as behind a proxy. The guard has compared `Origin` with the host.
    fileprivate var isFromSecurePage: Bool { values(of: "origin").contains { $0.lowercased().hasPrefix("https://") } }
}

extension ControlAnswer {
    /// The same, with a cookie. No script can read the cookie, and no other site's page can make a browser send it.
    fileprivate func setting(_ cookie: String, to value: String, for time: Duration, isSecure: Bool) -> ControlAnswer {
        var answer = self
        let rules =
            "Path=/; Max-Age=\(time.components.seconds); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
        answer.fields.append(("Set-Cookie", "\(cookie)=\(value); \(rules)"))
        return answer
    }
}

extension ListenerCondition {
    /// The link by which a browser of this machine logs in with a key.
    package func link(_ key: String) -> String { "\(pageURL)#k=\(key)" }

    /// Where a browser of this machine finds the page. All addresses become the one of the machine itself.
    private var pageURL: String {
        let all = [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:"), ("[::ffff:0.0.0.0]:", "127.0.0.1:")]
        let own = all.first { address.hasPrefix($0.0) }.map { $0.1 + address.dropFirst($0.0.count) } ?? address
        return "\(isSecure ? "https" : "http")://\(own)/"
    }
}
