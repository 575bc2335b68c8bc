/// What a media file is to a social network; the four kinds both providers know.
///
/// The raw values are those of the manifest and of Postbreeze's `mediaAsset.kind`.
package enum MediaKind: String, Sendable, Codable, CaseIterable {
    case image = "IMAGE"
    case video = "VIDEO"
    case gif = "GIF"
    case document = "DOCUMENT"
}
