/// A checked `POST /media/presign`.
struct PresignRequest: Sendable, Equatable {
    var filename: String
    var contentType: String
    var bytes: Int64?
    var folderId: String?

    /// The accepted content types, and the kind of each. Source: Postbreeze's API reference.
    static let kinds: [String: SandboxKind] = [
        "image/jpeg": .image, "image/png": .image, "image/gif": .gif, "image/webp": .image, "image/heic": .image,
        "image/heif": .image, "video/mp4": .video, "video/quicktime": .video, "video/x-msvideo": .video,
        "video/webm": .video, "application/pdf": .document,
    ]

    /// The ending of a stored file of each content type.
    static let endings: [String: String] = [
        "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
        "image/heif": "heif", "video/mp4": "mp4", "video/quicktime": "mov", "video/x-msvideo": "avi",
        "video/webm": "webm", "application/pdf": "pdf",
    ]

    var kind: SandboxKind { Self.kinds[contentType] ?? .document }

    /// Checks a body field by field. Fails with one sentence for each broken rule.
    static func check(_ body: JSONValue?, caps: [SandboxKind: Int64]) -> CheckResult<PresignRequest> {
        guard let body, case .object = body else { return .failed(["the body must be a JSON object"]) }
        var problems: [String] = []
        let filename = body["filename"]?.string ?? ""
        if body["filename"]?.string == nil { problems.append("filename must be a string") }
        if !(1...255).contains(filename.unicodeScalars.count) {
            problems.append("filename must be longer than or equal to 1 and shorter than or equal to 255 characters")
        }
        let type = body["contentType"]?.string ?? ""
        if type.unicodeScalars.count > 100 {
            problems.append("contentType must be shorter than or equal to 100 characters")
        }
        if kinds[type] == nil {
            problems.append(
                "contentType must be one of the following values: \(kinds.keys.sorted().joined(separator: ", "))"
            )
        }
        let bytes = body["bytes"].flatMap { $0 == .null ? nil : $0 }
        if let bytes, (bytes.integer ?? 0) < 1 { problems.append("bytes must be an integer not less than 1") }
        if let cap = kinds[type].flatMap({ caps[$0] }), let bytes = bytes?.integer, bytes > cap {
            problems.append("bytes must not be greater than \(cap)")
        }
        let folder = body["folderId"].flatMap { $0 == .null ? nil : $0 }
        if let folder, (folder.string?.unicodeScalars.count ?? 65) > 64 {
            problems.append("folderId must be a string shorter than or equal to 64 characters")
        }
        guard problems.isEmpty else { return .failed(problems) }
        return .passed(
            PresignRequest(
                filename: cleaned(filename),
                contentType: type,
                bytes: bytes?.integer,
                folderId: folder?.string
            )
        )
    }

    /// Strips slashes, backslashes and control characters from a name, as the server does.
    private static func cleaned(_ name: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in name.unicodeScalars
        where scalar != "/" && scalar != "\\" && scalar.properties.generalCategory != .control {
            kept.append(scalar)
        }
        return String(kept)
    }
}

/// The result of a check of a request: its value, or every rule that it breaks.
enum CheckResult<Value: Sendable>: Sendable {
    case passed(Value)
    case failed([String])
}
