/// The type of a file by its content.
package struct MediaType: Hashable, Sendable {
    /// The type under which the file goes up or is rejected.
    package let mime: MIMEType
    /// The type's name for people, with its article: "a JPEG image", "a Matroska video", "a ZIP archive".
    package let name: String
    /// The kind; nil for files that no provider takes.
    package let kind: MediaKind?
    /// The usual endings for this content, lower case and without a dot. A file with another ending gets the first
    /// one: a provider that goes by the name may not know the rarer ones. Empty if `kind` is nil.
    package let endings: [String]

    /// What a person can do with a file that no provider takes, as a part of a sentence: "export it as JPEG".
    package let wayOut: String?

    package init(
        mime: MIMEType,
        name: String,
        kind: MediaKind? = nil,
        endings: [String] = [],
        wayOut: String? = nil
    ) {
        self.mime = mime
        self.name = name
        self.kind = kind
        self.endings = endings
        self.wayOut = wayOut
    }
}
