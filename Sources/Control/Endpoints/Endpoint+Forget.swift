import Pipeline
import SystemPackage

extension Endpoint {
    /// `POST /api/v1/forget`: removes the entries of files that are not there. The body has `paths`.
    package static func forget(_ act: @escaping @Sendable ([FilePath]) async throws -> [ForgottenFile]) -> Endpoint {
        Endpoint(.post, "/api/v1/forget", part: .page, access: .session(.act)) { request in
            guard let paths = try request.object("paths").paths() else {
                throw ControlError(.invalid, "the body has no paths", hint: "send {\"paths\": [\"/srv/inbox/a.jpg\"]}")
            }
            return .json(.object(forgetAnswer(try await act(paths))))
        }
    }

    /// The members of the answer. The command gives the same answer where no service runs.
    package static func forgetAnswer(_ files: [ForgottenFile]) -> [JSON.Member] {
        let told = files.map { file in
            JSON.object(file.path.controlMembers + [.init("outcome", .string(file.outcome.rawValue))])
        }
        return [
            .init("forgotten", .integer(Int64(files.count { $0.outcome == .forgotten }))),
            .init("files", .array(told)),
        ]
    }
}
