/// The result of a look at a file's bytes: the type, the measure, and what an unfinished file lacks.
package struct MediaFinding: Hashable, Sendable {
    package let type: MediaType
    /// Why the file counts as not finished, for people: a cut copy, a recording that broke off. Nil for a whole file.
    package let fault: String?
    /// Unknown for a file that is not finished.
    package let measure: MediaMeasure

    package init(_ type: MediaType, fault: String? = nil, measure: MediaMeasure = .unknown) {
        self.type = type
        self.fault = fault
        self.measure = measure
    }

    /// A file of that type that lacks something. `lack` is for people: "it has no index (moov)".
    static func unfinished(_ type: MediaType, _ lack: String) -> MediaFinding {
        let fault = "this \(type.bareName) is not finished: \(lack). Was the recording, copy or download cut short?"
        return MediaFinding(type, fault: fault)
    }
}
