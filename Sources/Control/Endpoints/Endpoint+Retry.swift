import Pipeline

extension Endpoint {
    /// `POST /api/v1/retry`: lets files be tried anew, and opens their accounts.
    ///
    /// The body has one of `paths`, `cause`, `folder`, `account`, or `"all": true`.
    package static func retry(_ act: @escaping @Sendable (RetryChoice) async throws -> RetryReport) -> Endpoint {
        Endpoint(.post, "/api/v1/retry", part: .page, access: .session(.act)) { request in
            let choice = try RetryChoice(request)
            let report = try await ControlError.answering { try await act(choice) }
            let files = report.files.map { file in
                JSON.object(file.path.controlMembers + [.init("outcome", .string(file.outcome.rawValue))])
            }
            return .json(
                .object([
                    "retried": .integer(Int64(report.retried)),
                    "opened": .array(report.opened.map(JSON.string)),
                    "files": files.isEmpty ? nil : .array(files),
                ])
            )
        }
    }
}

extension RetryChoice {
    fileprivate init(_ request: ControlRequest) throws(ControlError) {
        let members = try request.object("paths", "cause", "folder", "account", "all")
        guard members.count == 1, let name = members.first?.name else {
            throw ControlError(
                .invalid,
                "the body has \(members.count) members, and one is needed",
                hint: "send paths, cause, folder, account, or {\"all\": true}"
            )
        }
        if let paths = try members.paths() {
            self = .paths(paths)
        } else if let folder = try members.text("folder") {
            self = .scope(.folder(folder))
        } else if let account = try members.text("account") {
            self = .scope(.account(account))
        } else if let text = try members.text("cause") {
            guard let cause = WaitCause(rawValue: text) else {
                throw ControlError(
                    .invalid,
                    "cause cannot be \(text)",
                    hint: "it is one of: \(WaitCause.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            self = .cause(cause)
        } else if members["all"]?.bool == true {
            self = .scope(.all)
        } else {
            throw ControlError(.invalid, "\(name) has no value that it may have", hint: "all may be true")
        }
    }
}
