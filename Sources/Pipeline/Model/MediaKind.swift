/// The kind of a media file to a social network. Both providers know these four.
///
/// The raw values are those of the manifest and of Postbreeze's `mediaAsset.kind`.
package enum MediaKind: String, Sendable, Codable, CaseIterable {
    case image = "IMAGE"
    case video = "VIDEO"
    case gif = "GIF"
    case document = "DOCUMENT"
}
