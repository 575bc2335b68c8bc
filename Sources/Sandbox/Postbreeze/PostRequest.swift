import FoundationEssentials

/// A checked `POST /posts` in its flat form: `content`, `platforms`, `mediaIds`, `scheduledFor`.
///
/// Source: Postbreeze's page "Create a post". Beyond it, the sandbox assumes that a post without text and media is
/// refused, and that `scheduledFor` must be in the future, as "Schedule a draft post" says of its own time. `targets`
/// and `mediaItems` are documented, and refused here.
struct PostRequest: Sendable, Equatable {
    var content: String
    var accounts: [String]
    var mediaIds: [String]
    /// Nil makes a draft.
    var scheduledFor: Date?

    /// Checks a body field by field. Fails with one sentence for each broken rule.
    static func check(_ body: JSONValue, now: Date) -> CheckResult<PostRequest> {
        guard case .object = body else { return .failed(["the body must be a JSON object"]) }
        var problems: [String] = []
        let content = given(body["content"])
        if let content, content.string.map({ $0.unicodeScalars.count > 10_000 }) ?? true {
            problems.append("content must be a string shorter than or equal to 10000 characters")
        }
        let accounts = given(body["platforms"])?.array?.compactMap { $0["accountId"]?.string }.filter { !$0.isEmpty }
        if accounts?.isEmpty ?? true || accounts?.count != body["platforms"]?.array?.count {
            problems.append("platforms must be an array of at least 1 element, each with an accountId")
        }
        let media = given(body["mediaIds"])
        let mediaIds = media?.array?.compactMap(\.string) ?? []
        if media != nil, media?.array?.count != mediaIds.count {
            problems.append("each value in mediaIds must be a string")
        }
        if Set(mediaIds).count != mediaIds.count { problems.append("all elements of mediaIds must be unique") }
        if given(body["mediaItems"]) != nil {
            problems.append("mediaItems is not for the sandbox, which fetches no URL: send mediaIds")
        }
        if (content?.string ?? "").isEmpty, mediaIds.isEmpty { problems.append("content should not be empty") }
        let time = given(body["scheduledFor"])
        let scheduledFor = time?.string.flatMap(moment)
        if time != nil, scheduledFor == nil { problems.append("scheduledFor must be a valid ISO 8601 date string") }
        if let scheduledFor, scheduledFor <= now { problems.append("scheduledFor must be in the future") }
        guard problems.isEmpty else { return .failed(problems) }
        return .passed(
            PostRequest(
                content: content?.string ?? "",
                accounts: accounts ?? [],
                mediaIds: mediaIds,
                scheduledFor: scheduledFor
            )
        )
    }

    /// Null counts as left out.
    private static func given(_ value: JSONValue?) -> JSONValue? { value == .null ? nil : value }

    /// A time with its zone, with or without fractions of a second.
    private static func moment(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: .iso8601.fractional))
    }
}

extension Date.ISO8601FormatStyle {
    fileprivate var fractional: Self {
        year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true)
    }
}
