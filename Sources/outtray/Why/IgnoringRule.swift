import Pipeline
import SystemPackage
import Watch

/// The pattern by which a folder ignores a name, with its place.
struct IgnoringRule: Equatable {
    let pattern: String
    /// The file of the pattern. Nil for the configuration, and for a pattern of Outtray's own.
    let file: FilePath?
    /// The line in the file or in the configuration. Nil for a pattern of Outtray's own.
    let line: Int?

    init(pattern: String, file: FilePath? = nil, line: Int?) {
        (self.pattern, self.file, self.line) = (pattern, file, line)
    }

    /// `settings`: the folder whose pattern it is.
    init(_ match: IgnoreMatch, of settings: Configuration.Folder?) {
        pattern = match.pattern
        switch match.source {
        case .builtIn: (file, line) = (nil, nil)
        case .configuration(let index): (file, line) = (nil, settings?.places["ignore[\(index)]"].line)
        case .file(let path, let number): (file, line) = (path, number)
        }
    }

    var words: String {
        let place =
            switch (file, line) {
            case (let file?, let line?): "line \(line) of \(printablePath(file))"
            case (_, let line?): "line \(line) of the configuration"
            case (_, nil): "one of Outtray's own"
            }
        return "the pattern \(pattern) matches (\(place))"
    }

    /// For scripts. `file` is absent where it is the configuration or Outtray itself.
    var json: JSON {
        .object(
            (file.map { ManifestKey($0).fields("file") } ?? []) + [
                .init("line", line.map { .integer(Int64($0)) } ?? .null),
                .init("pattern", .string(pattern)),
            ]
        )
    }
}
