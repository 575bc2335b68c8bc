/// A file's kind at a provider.
///
/// The raw values are Postbreeze's own words for `kind`. ConnectSafely's `mediaType` maps onto them.
package enum SandboxKind: String, Sendable, Codable, CaseIterable {
    case image = "IMAGE"
    case video = "VIDEO"
    case gif = "GIF"
    case document = "DOCUMENT"
}
