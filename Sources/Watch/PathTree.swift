import SystemPackage

/// Paths by the directories they lie in: what lies beneath a directory is found without a look at anything else.
package struct PathTree {
    private struct Directory {
        var paths: Set<FilePath.Component> = []
        var directories: Set<FilePath.Component> = []

        var isEmpty: Bool { paths.isEmpty && directories.isEmpty }
    }

    /// Those that have something in them.
    private var directories: [FilePath: Directory] = [:]

    package init() {}

    /// How many directories are known: none but those on the way to a path.
    var directoryCount: Int { directories.count }

    /// Takes a path in; it may be there already.
    package mutating func insert(_ path: FilePath) {
        guard let name = path.lastComponent else { return }
        var directory = path.removingLastComponent()
        var isKnown = directories[directory] != nil
        directories[directory, default: Directory()].paths.insert(name)
        while !isKnown, let name = directory.lastComponent {
            directory.removeLastComponent()
            isKnown = directories[directory] != nil
            directories[directory, default: Directory()].directories.insert(name)
        }
    }

    /// Takes a path out, and the directories that only it needed.
    package mutating func remove(_ path: FilePath) {
        guard let name = path.lastComponent else { return }
        var directory = path.removingLastComponent()
        directories[directory]?.paths.remove(name)
        while directories[directory]?.isEmpty == true {
            directories[directory] = nil
            guard let name = directory.lastComponent else { return }
            directory.removeLastComponent()
            directories[directory]?.directories.remove(name)
        }
    }

    /// The paths that lie beneath a directory, in no order.
    package func paths(beneath directory: FilePath) -> [FilePath] {
        var paths: [FilePath] = []
        var rest = [directory]
        while let path = rest.popLast() {
            guard let known = directories[path] else { continue }
            paths += known.paths.map { path.appending($0) }
            rest += known.directories.map { path.appending($0) }
        }
        return paths
    }
}
