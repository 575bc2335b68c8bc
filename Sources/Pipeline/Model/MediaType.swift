/// What the content of a file says it is.
package struct MediaType: Hashable, Sendable {
    /// The type the file goes up under, or is rejected as.
    package let mime: MIMEType
    /// What a person calls it, with its article: "a JPEG image", "a Matroska video", "a ZIP archive".
    package let name: String
    /// The kind, or nil for what is no post's media whatever the provider.
    package let kind: MediaKind?
    /// The endings, lower case and without a dot, that a name with this content may have; the first is the one it gets
    /// where its own does not fit. Empty where `kind` is nil.
    package let endings: [String]

    package init(mime: MIMEType, name: String, kind: MediaKind? = nil, endings: [String] = []) {
        self.mime = mime
        self.name = name
        self.kind = kind
        self.endings = endings
    }
}
