import SystemPackage
import TestSupport
import Testing

@testable import Watch

@Suite struct PathTreeTests {
    @Test func `what lies beneath a directory is found, what only begins with its name is not`() {
        var tree = PathTree()
        let paths: [FilePath] = ["/in/a/x", "/in/a/b/y", "/in/ab", "/in/a.jpg", "/in/b/a/z", "/in/a"]
        for path in paths { tree.insert(path) }

        #expect(Set(tree.paths(beneath: "/in/a")) == ["/in/a/x", "/in/a/b/y"])
        #expect(Set(tree.paths(beneath: "/")) == Set(paths))
        #expect(tree.paths(beneath: "/in/a.jpg").isEmpty)
    }

    @Test func `it does what a look through a plain list does, and keeps nothing of what was taken out`() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var tree = PathTree()
            var list: Set<FilePath> = []
            for _ in 0..<80 {
                var path: FilePath = "/"
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    path.append(["a", "b", "c"][Int.random(in: 0..<3, using: &random)])
                }
                if Bool.random(using: &random) {
                    tree.insert(path)
                    list.insert(path)
                } else {
                    tree.remove(path)
                    list.remove(path)
                }
                let beneath = list.filter { $0.starts(with: path) && $0 != path }
                #expect(Set(tree.paths(beneath: path)) == beneath, "seed \(random.seed)")
            }
            for path in list { tree.remove(path) }
            #expect(tree.nameCount == 0, "seed \(random.seed)")
        }
    }
}
