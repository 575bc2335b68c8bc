import SystemPackage

/// Paths as a tree of directories. Finds the paths beneath a directory without a look at any other path.
///
/// The cost of a call grows with the length of its path and of its result. All paths begin at the same root.
package struct PathTree {
    private struct Node {
        var parent: Int
        var name: FilePath.Component?
        var children: [FilePath.Component: Int] = [:]
        /// Whether the node is one of the paths. False for a directory on the way to paths.
        var isPath = false
    }

    private static let top = 0
    private var nodes = [top: Node(parent: top)]
    private var last = top

    package init() {}

    /// How many names are kept: those of paths, and of directories on the way to paths.
    var nameCount: Int { nodes.count - 1 }

    /// Adds a path. It may be there already.
    package mutating func insert(_ path: FilePath) {
        var node = Self.top
        for name in path.components {
            if let child = nodes[node]?.children[name] {
                node = child
                continue
            }
            last += 1
            nodes[last] = Node(parent: node, name: name)
            nodes[node]?.children[name] = last
            node = last
        }
        nodes[node]?.isPath = true
    }

    /// Removes a path, and the directories that only this path needed.
    package mutating func remove(_ path: FilePath) {
        guard var node = node(of: path) else { return }
        nodes[node]?.isPath = false
        while node != Self.top, let known = nodes[node], known.children.isEmpty, !known.isPath, let name = known.name {
            nodes[node] = nil
            nodes[known.parent]?.children[name] = nil
            node = known.parent
        }
    }

    /// The paths beneath a directory, in no order.
    package func paths(beneath directory: FilePath) -> [FilePath] {
        guard let top = node(of: directory) else { return [] }
        var paths: [FilePath] = []
        var rest = [(top, directory)]
        while let (node, path) = rest.popLast() {
            for (name, child) in nodes[node]?.children ?? [:] {
                let childPath = path.appending(name)
                if nodes[child]?.isPath == true { paths.append(childPath) }
                rest.append((child, childPath))
            }
        }
        return paths
    }

    private func node(of path: FilePath) -> Int? {
        var node = Self.top
        for name in path.components {
            guard let child = nodes[node]?.children[name] else { return nil }
            node = child
        }
        return node
    }
}
