import SystemPackage

/// The pattern that decides about a name.
package struct IgnoreMatch: Hashable, Sendable {
    /// Where the pattern is written.
    package enum Source: Hashable, Sendable {
        /// One of this program's own.
        case builtIn
        /// In the folder's `ignore`, at this index.
        case configuration(Int)
        /// In this file, in this line from 1.
        case file(FilePath, line: Int)
    }

    /// As it is written. Bytes that are not UTF-8 are replaced.
    package let pattern: String
    package let source: Source
    /// Whether the pattern begins with `!`, so that the name is not ignored.
    package let isNegated: Bool

    /// The pattern and its place, for people.
    package var words: String {
        switch source {
        case .builtIn: "the pattern \(pattern) matches (one of Outtray's own)"
        case .configuration: "the pattern \(pattern) of the folder's ignore matches"
        case .file(let path, let line): "the pattern \(pattern) matches (line \(line) of \(path))"
        }
    }

    package init(pattern: String, source: Source, isNegated: Bool = false) {
        self.pattern = pattern
        self.source = source
        self.isNegated = isNegated
    }
}
