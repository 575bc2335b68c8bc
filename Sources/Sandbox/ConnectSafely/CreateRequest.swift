/// A checked `POST /posts/create`.
///
/// Source: ConnectSafely's page "Create a LinkedIn post", and its n8n node's page for the lists of values. That a title
/// is required for a document is assumed from "then pass assetUrn, recipes, and title".
struct CreateRequest: Sendable, Equatable {
    var text: String
    /// `none`, `image`, `video` or `document`.
    var mediaType: String
    /// One, or 2 to 9 images of a carousel. Empty for a post of text alone.
    var assetUrns: [String]
    var recipes: [String]
    var title: String?
    var accountId: String?
    var companyUrn: String?

    static let mediaTypes = ["none", "image", "video", "document"]
    static let visibilities = ["ANYONE", "CONNECTIONS_ONLY"]

    /// Reads the fields. Nil if they break a rule.
    init?(_ body: JSONValue) {
        guard CreateRequest.issues(body).isEmpty, let text = body["text"]?.string else { return nil }
        self.text = text
        mediaType = body["mediaType"]?.string ?? "none"
        assetUrns = body["assetUrn"]?.string.map { [$0] } ?? CreateRequest.carousel(body) ?? []
        recipes = body["recipes"]?.array?.compactMap(\.string) ?? []
        title = body["title"]?.string
        accountId = body["accountId"]?.string
        companyUrn = body["companyUrn"]?.string
    }

    /// Every rule that a body breaks; empty if the body is fine.
    static func issues(_ body: JSONValue) -> [ZodIssue] {
        guard case .object = body else {
            return [ZodIssue(code: "invalid_type", path: [], message: "Expected object")]
        }
        var issues: [ZodIssue] = []
        func add(_ field: String, _ code: String, _ message: String) {
            issues.append(ZodIssue(code: code, path: [field], message: message))
        }
        let text = body["text"]?.string
        if text == nil { add("text", "invalid_type", "Expected string") }
        if text?.isEmpty == true { add("text", "too_small", "String must contain at least 1 character(s)") }
        if let text, text.unicodeScalars.count > 3000 {
            add("text", "too_big", "String must contain at most 3000 character(s)")
        }
        for field in ["accountId", "companyUrn", "assetUrn", "altText", "title", "mediaType", "visibility"] {
            if isGiven(body[field]), body[field]?.string == nil { add(field, "invalid_type", "Expected string") }
        }
        for (field, values) in [("mediaType", mediaTypes), ("visibility", visibilities)] {
            if let value = body[field]?.string, !values.contains(value) {
                let names = values.map { "'\($0)'" }.joined(separator: " | ")
                add(field, "invalid_enum_value", "Invalid enum value. Expected \(names)")
            }
        }
        if isGiven(body["recipes"]), body["recipes"]?.array?.allSatisfy({ $0.string != nil }) != true {
            add("recipes", "invalid_type", "Expected array of strings")
        }
        return issues + mediaIssues(body)
    }

    /// What a media type needs, and what it does not go with.
    private static func mediaIssues(_ body: JSONValue) -> [ZodIssue] {
        let mediaType = body["mediaType"]?.string ?? "none"
        let hasCarousel = isGiven(body["assetUrns"])
        var issues: [ZodIssue] = []
        func add(_ field: String, _ message: String) {
            issues.append(ZodIssue(code: "custom", path: [field], message: message))
        }
        if hasCarousel {
            if mediaType != "image" { add("assetUrns", "assetUrns is for mediaType image alone") }
            if isGiven(body["assetUrn"]) { add("assetUrns", "Send either assetUrn or assetUrns") }
            if !(2...9).contains(carousel(body)?.count ?? 0) { add("assetUrns", "A carousel has 2 to 9 images") }
        } else if mediaType != "none", (body["assetUrn"]?.string ?? "").isEmpty {
            add("assetUrn", "assetUrn is required for mediaType \(mediaType)")
        }
        if mediaType == "none", isGiven(body["assetUrn"]) {
            add("mediaType", "mediaType says none, and there is an asset")
        }
        if ["video", "document"].contains(mediaType), body["recipes"]?.array?.isEmpty ?? true {
            add("recipes", "recipes is required for mediaType \(mediaType)")
        }
        if mediaType == "document", (body["title"]?.string ?? "").isEmpty {
            add("title", "title is required for mediaType document")
        }
        return issues
    }

    /// The images of `assetUrns`. Nil if the field is missing, or one of them has no asset URN.
    private static func carousel(_ body: JSONValue) -> [String]? {
        guard let items = body["assetUrns"]?.array else { return nil }
        let urns = items.compactMap { $0["assetUrn"]?.string }
        return urns.count == items.count ? urns : nil
    }

    private static func isGiven(_ value: JSONValue?) -> Bool { value != nil && value != .null }
}
