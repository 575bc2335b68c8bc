import SystemPackage
import TestSupport
import Testing

@testable import Watch

struct DirectoryNodesTests {
    private func insert(_ name: FilePath.Component, in id: DirectoryNodes.ID, of nodes: inout DirectoryNodes)
        -> DirectoryNodes.ID
    {
        name.withBorrowedName { nodes.insert($0, in: id) }
    }

    private func path(of id: DirectoryNodes.ID, in nodes: DirectoryNodes) -> FilePath? {
        nodes.trail(of: id).map { FilePath(platformString: $0 + [0]) }
    }

    @Test func `the number of a removed directory is never that of another one`() {
        var nodes = DirectoryNodes()
        let first = insert("a", in: nodes.root, of: &nodes)
        nodes.remove(first)
        let second = insert("b", in: nodes.root, of: &nodes)

        #expect(!nodes.contains(first))
        #expect(nodes.name(of: first) == nil)
        #expect(nodes.name(of: second) == "b")
        #expect(first != second)
    }

    @Test func `a child of an unknown directory stays unknown`() {
        var nodes = DirectoryNodes()
        let gone = insert("a", in: nodes.root, of: &nodes)
        nodes.remove(gone)

        #expect(!nodes.contains(insert("b", in: gone, of: &nodes)))
        #expect(nodes.children(of: nodes.root).isEmpty)
    }

    /// Names of one kind, so that many are equal in different directories.
    @Test func `directories come and go as in a plain table of paths`() throws {
        var random = SeededGenerator()
        var nodes = DirectoryNodes()
        var known: [FilePath: DirectoryNodes.ID] = ["": nodes.root]
        let names: [FilePath.Component] = ["a", "b", "ab", "a name that takes some room in the block of all names"]
        for _ in 0..<1500 {
            let (path, id) = try #require(known.randomElement(using: &random))
            if Int.random(in: 0..<10, using: &random) < 6, path.components.count < 4 {
                let name = try #require(names.randomElement(using: &random))
                let child = insert(name, in: id, of: &nodes)
                let there = known.updateValue(child, forKey: path.appending(name))
                #expect(there == nil || there == child, "seed \(random.seed)")
            } else if id != nodes.root, nodes.children(of: id).isEmpty {
                nodes.remove(id)
                known[path] = nil
                #expect(!nodes.contains(id), "seed \(random.seed)")
            }
        }
        for (path, id) in known where id != nodes.root {
            let (parent, name) = (path.removingLastComponent(), try #require(path.lastComponent))
            #expect(self.path(of: id, in: nodes) == FilePath("/").pushing(path), "seed \(random.seed)")
            #expect(nodes.parent(of: id) == known[parent], "seed \(random.seed)")
            #expect(name.withBorrowedName { nodes.child($0, of: nodes.parent(of: id) ?? .unknown) } == id)
            let below = known.filter { $0.key != path && $0.key.removingLastComponent() == path }
            #expect(Set(nodes.children(of: id)) == Set(below.values), "seed \(random.seed)")
        }
        #expect(known.count > 10)
    }
}
