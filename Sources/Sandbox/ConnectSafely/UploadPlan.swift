import FoundationEssentials

/// How ConnectSafely wants one file: in one PUT or in parts, the headers, and the metadata to echo.
///
/// The real service is seen to do now one thing, now another. Here assets take turns by their number.
struct UploadPlan: Sendable {
    let wanted: InitRequest
    let number: Int
    let parts: [StoredAsset.Part]
    let uploadHeaders: [String: String]
    let metadata: JSONValue
    private let token: String

    init(_ wanted: InitRequest, number: Int, state: SandboxState) {
        self.wanted = wanted
        self.number = number
        token = "D4E" + randomName(20).uppercased()
        let size = max(1, state.configuration.partSize)
        guard wanted.kind == .video, wanted.fileSize > state.configuration.multipartThreshold else {
            parts = []
            metadata = .null
            // LinkedIn signs no content type for single uploads, but for images it signs a media type family.
            uploadHeaders = ["IMAGE", "GIF"].contains(wanted.kind.rawValue) ? ["media-type-family": "STILLIMAGE"] : [:]
            return
        }
        parts = UploadPlan.split(wanted.fileSize, size: size, overshooting: number.isMultiple(of: 2))
        uploadHeaders = number.isMultiple(of: 2) ? ["content-type": "application/octet-stream"] : [:]
        switch number % 3 {
        case 1: metadata = .string("multipart-\(token)")
        case 2: metadata = ["uploadId": .string(token), "partCount": .integer(Int64(parts.count))]
        default: metadata = ""
        }
    }

    /// Cuts a file into ranges.
    ///
    /// - Parameter overshooting: whether the last range keeps its full size past the file's end. LinkedIn's ranges do.
    static func split(_ bytes: Int64, size: Int64, overshooting: Bool) -> [StoredAsset.Part] {
        stride(from: 0, to: bytes, by: Int64.Stride(size)).map { first in
            let last = first + size - 1
            return StoredAsset.Part(firstByte: first, lastByte: overshooting ? last : min(last, bytes - 1))
        }
    }

    /// The asset to put on the shelf.
    func asset(key: String, at now: Date) -> StoredAsset {
        let urn = "urn:li:digitalmediaAsset:\(token)"
        return StoredAsset(
            provider: .connectsafely,
            number: number,
            id: urn,
            key: key,
            name: wanted.filename,
            type: wanted.mediaType,
            kind: wanted.kind,
            declaredBytes: wanted.fileSize,
            askedAt: now,
            uploadPath: "/dms-uploads/\(token)",
            publicPath: "/assets/\(urn)",
            fileName: "connectsafely/\(token).\(InitRequest.ending(of: wanted.filename))",
            uploadHeaders: uploadHeaders,
            parts: parts,
            artifact:
                "urn:li:digitalmediaMediaArtifact:(\(urn),urn:li:digitalmediaMediaArtifactClass:uploaded-\(wanted.mediaType))",
            companyUrn: wanted.companyUrn,
            metadata: metadata
        )
    }

    /// The body of the answer to `init`.
    func answer(for asset: StoredAsset, origin: String, state: SandboxState) -> JSONValue {
        let expires = Int64(asset.askedAt.timeIntervalSince1970) + state.urlLifetime
        func url(_ path: String) -> JSONValue {
            let host = state.signedHost(of: origin)
            let signature = state.signer.signature(host: host, path: path, expires: expires, headers: uploadHeaders)
            return .string("\(origin)\(path)?exp=\(expires)&sig=\(signature)")
        }
        let headers = JSONValue.object(
            Dictionary(uniqueKeysWithValues: uploadHeaders.map { (Self.spelled($0.key), .string($0.value)) })
        )
        let single = parts.isEmpty
        let partRequests = asset.listedParts.map { index -> JSONValue in
            let part = parts[index]
            return [
                "firstByte": .integer(part.firstByte),
                "lastByte": .integer(part.lastByte),
                "uploadUrl": url("\(asset.uploadPath)/\(index + 1)"),
                "headers": headers,
            ]
        }
        return [
            "success": true,
            "uploadType": single ? "SINGLE" : "MULTIPART",
            "assetUrn": .string(asset.id),
            "recipes": [.string(Self.recipe(for: wanted.mediaType))],
            "uploadUrl": single ? url(asset.uploadPath) : .null,
            "uploadHeaders": single ? headers : .null,
            "mediaArtifactUrn": .string(asset.artifact),
            "partUploadRequests": .array(partRequests),
            "multipartMetadata": asset.metadata,
        ]
    }

    /// What a post of such an asset has to name.
    static func recipe(for mediaType: String) -> String {
        switch mediaType {
        case "video": "feedshare-video-captions-thumbnails-ambry"
        case "document": "feedshare-document"
        default: "feedshare-image"
        }
    }

    /// A header's name as the API spells it.
    private static func spelled(_ name: String) -> String {
        name == "content-type" ? "Content-Type" : name
    }
}
