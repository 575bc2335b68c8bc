/// What a look at a file's bytes has found: the type, and what is missing of a file that is not finished.
package struct MediaFinding: Hashable, Sendable {
    package let type: MediaType
    /// Why the file counts as not finished, for people: a cut copy, a recording that broke off. Nil for a whole file.
    package let fault: String?

    package init(_ type: MediaType, fault: String? = nil) {
        self.type = type
        self.fault = fault
    }

    /// A file of that type that lacks something. `lack` is for people: "it has no index (moov)".
    static func unfinished(_ type: MediaType, _ lack: String) -> MediaFinding {
        let fault = "this \(type.bareName) is not finished: \(lack). Was the recording, copy or download cut short?"
        return MediaFinding(type, fault: fault)
    }
}
