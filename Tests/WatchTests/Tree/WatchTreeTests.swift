import SystemPackage
import Testing

@testable import Watch

struct WatchTreeTests {
    /// `/in` watched by 1, `/in/a` by 2, `/in/a/b` by 3.
    private func chain() -> (tree: WatchTree, a: WatchTree.ID, b: WatchTree.ID) {
        var tree = WatchTree(root: "/in")
        let a = tree.insert("a", in: tree.root)
        let b = tree.insert("b", in: a)
        #expect(tree.bind(1, to: tree.root) == .bound(ending: []))
        #expect(tree.bind(2, to: a) == .bound(ending: []))
        #expect(tree.bind(3, to: b) == .bound(ending: []))
        return (tree, a, b)
    }

    @Test func `a path is put together from the names above`() {
        let (tree, _, b) = chain()

        #expect(tree.path(of: b) == "/in/a/b")
        #expect(tree.directory(watchedBy: 3) == b)
    }

    @Test func `removing a directory gives up its watches and all beneath`() {
        var (tree, a, b) = chain()

        #expect(Set(tree.remove(a)) == [2, 3])
        #expect(tree.path(of: b) == nil)
        #expect(tree.directory(watchedBy: 3) == nil)
        #expect(tree.watchCount == 1)
        #expect(tree.child("a", of: tree.root) == nil)
    }

    @Test func `a watch that turns up elsewhere takes its directory along and ends those beneath the old place`() {
        var (tree, a, _) = chain()
        let moved = tree.insert("moved", in: tree.root)

        let binding = tree.bind(2, to: moved)

        #expect(binding == .bound(ending: [3]))
        #expect(tree.directory(watchedBy: 2) == moved)
        #expect(!tree.contains(a))
    }

    @Test func `another directory under a known name ends what was known of the old one`() {
        var (tree, a, b) = chain()

        let binding = tree.bind(9, to: a)

        guard case .bound(let ending) = binding else {
            Issue.record("not bound")
            return
        }
        #expect(Set(ending) == [2, 3])
        #expect(tree.directory(watchedBy: 9) == a)
        #expect(!tree.contains(b))
    }

    @Test func `a directory inside itself is a loop`() {
        var (tree, _, b) = chain()
        let again = tree.insert("again", in: b)

        #expect(tree.bind(2, to: again) == .loop)
        #expect(tree.path(of: b) == "/in/a/b")
    }

    @Test func `a number is not used again`() {
        var (tree, a, _) = chain()
        _ = tree.remove(a)

        #expect(tree.insert("a", in: tree.root) != a)
    }

    @Test func `a polled directory gives up its watch, and a watched one is not polled`() {
        var (tree, a, _) = chain()

        #expect(tree.poll(a, from: DirectorySnapshot()) == 2)
        #expect(tree.polled == [a])
        #expect(tree.bind(4, to: a) == .bound(ending: []))
        #expect(tree.polled.isEmpty)
        #expect(tree.snapshot(of: a) == nil)
    }

    @Test func `a polled directory forgets what it knew of a doubtful child`() {
        var (tree, a, b) = chain()
        _ = tree.poll(a, from: DirectorySnapshot(directories: ["b": 7]))

        tree.doubt(b)

        let difference = tree.snapshot(of: a)?.difference(to: DirectorySnapshot(directories: ["b": 7]))
        #expect(difference?.goneDirectories == ["b"])
        #expect(difference?.newDirectories == ["b"])
    }

    @Test func `what a pass did not visit is removed`() {
        var (tree, a, b) = chain()
        tree.visit(tree.root, by: 2)
        tree.visit(a, by: 2)
        tree.visit(b, by: 1)

        #expect(tree.removeUnvisited(by: 2) == [3])
        #expect(tree.contains(a) && !tree.contains(b))
    }

    @Test func `an ended watch leaves the directory known`() {
        var (tree, a, _) = chain()

        #expect(tree.unbind(2) == a)
        #expect(tree.unbind(2) == nil)
        #expect(tree.path(of: a) == "/in/a")
        #expect(!tree.isWatched(a))
    }
}
