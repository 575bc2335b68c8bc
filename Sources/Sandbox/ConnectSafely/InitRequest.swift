/// One thing wrong with a request, in the words of the validation library Zod.
struct ZodIssue: Sendable, Equatable {
    let code: String
    let path: [String]
    let message: String

    var json: JSONValue {
        ["code": .string(code), "path": .array(path.map(JSONValue.string)), "message": .string(message)]
    }
}

/// A checked `POST /posts/upload/init`.
struct InitRequest: Sendable, Equatable {
    var mediaType: String
    var fileSize: Int64
    var filename: String
    var kind: SandboxKind
    var accountId: String?
    var companyUrn: String?

    /// The file name endings that fit each media type. The API goes by the name.
    static let endings: [String: Set<String>] = [
        "image": ["jpg", "jpeg", "png", "gif", "webp", "heic", "heif"],
        "video": ["mp4", "m4v", "mov", "avi", "webm", "mkv", "mpg", "mpeg"],
        "document": ["pdf", "doc", "docx", "ppt", "pptx"],
    ]

    /// Reads the fields. Nil if a field is missing, has the wrong type, or does not fit the others.
    init?(_ body: JSONValue) {
        guard InitRequest.issues(body).isEmpty, let mediaType = body["mediaType"]?.string,
            let fileSize = body["fileSize"]?.integer, let filename = body["filename"]?.string
        else { return nil }
        self.mediaType = mediaType
        self.fileSize = fileSize
        self.filename = filename
        accountId = body["accountId"]?.string
        companyUrn = body["companyUrn"]?.string
        switch mediaType {
        case "video": kind = .video
        case "document": kind = .document
        default: kind = InitRequest.ending(of: filename) == "gif" ? .gif : .image
        }
    }

    /// Every rule that a body breaks; empty if the body is fine.
    static func issues(_ body: JSONValue) -> [ZodIssue] {
        guard case .object = body else {
            return [ZodIssue(code: "invalid_type", path: [], message: "Expected object")]
        }
        var issues: [ZodIssue] = []
        let mediaType = body["mediaType"]?.string ?? ""
        if endings[mediaType] == nil {
            let message = "Invalid enum value. Expected 'image' | 'video' | 'document'"
            issues.append(ZodIssue(code: "invalid_enum_value", path: ["mediaType"], message: message))
        }
        switch body["fileSize"]?.integer {
        case nil: issues.append(ZodIssue(code: "invalid_type", path: ["fileSize"], message: "Expected number"))
        case let size? where size < 1:
            issues.append(ZodIssue(code: "too_small", path: ["fileSize"], message: "Number must be greater than 0"))
        default: break
        }
        if let filename = body["filename"]?.string {
            if let fitting = endings[mediaType], !fitting.contains(ending(of: filename)) {
                let message = "filename must end as a \(mediaType) does: \(fitting.sorted().joined(separator: ", "))"
                issues.append(ZodIssue(code: "custom", path: ["filename"], message: message))
            }
        } else {
            issues.append(ZodIssue(code: "invalid_type", path: ["filename"], message: "Expected string"))
        }
        for field in ["accountId", "companyUrn"] {
            if let value = body[field], value != .null, value.string == nil {
                issues.append(ZodIssue(code: "invalid_type", path: [field], message: "Expected string"))
            }
        }
        return issues
    }

    /// The text after the last dot, in lower case. Empty for a name without a dot, and for a name that only begins with
    /// one.
    static func ending(of filename: String) -> String {
        let pieces = filename.split(separator: ".", omittingEmptySubsequences: false)
        return pieces.count > 1 && !pieces[0].isEmpty ? pieces[pieces.count - 1].lowercased() : ""
    }
}
