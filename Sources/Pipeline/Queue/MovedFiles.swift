import SystemPackage
import Watch

/// A path at which a found file was up, in the very version that was found.
package struct FormerPlace: Hashable, Sendable {
    package let path: FilePath
    /// Whether the ledger still counts the file as there.
    package let isPresent: Bool

    package init(_ path: FilePath, isPresent: Bool) {
        self.path = path
        self.isPresent = isPresent
    }
}

/// A file that moved with its directory. It is up, and nobody has written to it since.
package struct MovedFile: Hashable, Sendable {
    package let file: FoundFile
    /// Where the file was when it went up.
    package let former: FilePath

    package init(_ file: FoundFile, from former: FilePath) {
        self.file = file
        self.former = former
    }

    /// The move of a found file; nil if all of its former places have a file. Blocks.
    ///
    /// `left`: places that have none, though the ledger counts their files as there. Those need no look.
    ///
    /// Of several vacated places, which were hard links, the one is taken whose path ends like the new one for longest.
    init?(_ file: FoundFile, from places: [FormerPlace], left: Set<FilePath> = [], beneath root: FilePath) {
        let vacated = places.filter {
            !$0.isPresent || left.contains($0.path) || FileStatus.isGone($0.path, beneath: root)
        }
        guard let former = vacated.max(by: { $0.path.commonEnd(with: file.path) < $1.path.commonEnd(with: file.path) })
        else { return nil }
        self.init(file, from: former.path)
    }
}

extension FilePath {
    /// How many components at the ends of two paths are equal.
    fileprivate func commonEnd(with other: FilePath) -> Int {
        zip(components.reversed(), other.components.reversed()).prefix { $0 == $1 }.count
    }
}
