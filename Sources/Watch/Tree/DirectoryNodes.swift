import Glibc
import SystemPackage

/// The directories of a tree in one block of memory: each with its parent, its children and its name.
///
/// A folder may have 100,000 directories and more. So a directory costs a few dozen bytes, and no object of its own.
struct DirectoryNodes {
    /// A directory, for as long as the tree knows it. Is never used again.
    struct ID: Hashable {
        fileprivate var index: Int32
        /// How many directories had this index before.
        fileprivate var round: UInt32

        /// No directory.
        static let unknown = ID(index: 0, round: .max)
    }

    private struct Node {
        var round: UInt32 = 0
        /// Whether a directory has this index now.
        var isUsed = false
        var parent: Int32 = none
        var firstChild: Int32 = none
        var previous: Int32 = none
        var next: Int32 = none
        /// The next one whose place has the same hash.
        var nextAlike: Int32 = none
        var nameStart: Int32 = 0
        var nameCount: Int32 = 0
        var watch: Int32 = none
        var scan: Int32 = 0
    }

    private static let none: Int32 = -1

    private var nodes: [Node] = []
    private var free: [Int32] = []
    /// The names, each with a NUL behind it. Those of removed directories stay until they are as many as the others.
    private var names: [CChar] = []
    private var lostNames = 0
    /// The first directory of each hash of parent and name.
    private var places: [Int: Int32] = [:]

    /// The top of the tree, which has no name.
    let root: ID

    init() {
        root = ID(index: 0, round: 0)
        nodes.append(Node(isUsed: true))
    }

    func contains(_ id: ID) -> Bool {
        let index = Int(id.index)
        return index < nodes.count && nodes[index].isUsed && nodes[index].round == id.round
    }

    func parent(of id: ID) -> ID? {
        guard contains(id) else { return nil }
        return self.id(nodes[Int(id.index)].parent)
    }

    func watch(of id: ID) -> Int32? {
        guard contains(id), nodes[Int(id.index)].watch != Self.none else { return nil }
        return nodes[Int(id.index)].watch
    }

    mutating func setWatch(_ watch: Int32?, of id: ID) {
        if contains(id) { nodes[Int(id.index)].watch = watch ?? Self.none }
    }

    /// Notes the number of the last scan that visited the directory.
    mutating func setScan(_ scan: Int, of id: ID) {
        if contains(id) { nodes[Int(id.index)].scan = Int32(truncatingIfNeeded: scan) }
    }

    /// All directories but the root that another scan visited last, or none.
    func unvisited(by scan: Int) -> [ID] {
        let scan = Int32(truncatingIfNeeded: scan)
        return nodes.indices.dropFirst().filter { nodes[$0].isUsed && nodes[$0].scan != scan }
            .compactMap { id(Int32($0)) }
    }

    func children(of id: ID) -> [ID] {
        guard contains(id) else { return [] }
        var children: [ID] = []
        var next = nodes[Int(id.index)].firstChild
        while let child = self.id(next) {
            children.append(child)
            next = nodes[Int(next)].next
        }
        return children
    }

    func child(_ name: BorrowedName, of parent: ID) -> ID? {
        contains(parent) ? find(name, parent.index, hash(name, parent.index)) : nil
    }

    /// The name as an entry of its parent. Nil for the root.
    func name(of id: ID) -> FilePath.Component? {
        guard contains(id), id != root else { return nil }
        return withName(of: id.index) { $0.component } ?? nil
    }

    /// The names from the top to the directory, with a slash before each. Nil if the directory is not known (any more).
    func trail(of id: ID) -> [CChar]? {
        guard contains(id) else { return nil }
        var (indices, index) = ([Int32](), id.index)
        while index > 0 {
            indices.append(index)
            index = nodes[Int(index)].parent
        }
        var bytes: [CChar] = []
        for index in indices.reversed() {
            bytes.append(CChar(bitPattern: UInt8(ascii: "/")))
            let node = nodes[Int(index)]
            bytes.append(contentsOf: names[Int(node.nameStart)..<Int(node.nameStart + node.nameCount)])
        }
        return bytes
    }

    /// Hands over the name, which is valid during the call alone.
    func withName<Result>(of id: ID, _ body: (BorrowedName) -> Result) -> Result? {
        contains(id) && id != root ? withName(of: id.index, body) : nil
    }

    /// The child with that name. An unknown child becomes known. Returns an unknown one if the parent is not known (any
    /// more).
    mutating func insert(_ name: BorrowedName, in parent: ID) -> ID {
        guard contains(parent) else { return .unknown }
        let hash = hash(name, parent.index)
        if let known = find(name, parent.index, hash) { return known }
        var node = Node(isUsed: true, parent: parent.index)
        node.nameStart = Int32(names.count)
        node.nameCount = Int32(name.count)
        names.append(contentsOf: UnsafeBufferPointer(start: name.start, count: name.count))
        names.append(0)
        node.next = nodes[Int(parent.index)].firstChild
        node.nextAlike = places[hash] ?? Self.none
        let index = add(node)
        if node.next != Self.none { nodes[Int(node.next)].previous = index }
        nodes[Int(parent.index)].firstChild = index
        places[hash] = index
        return ID(index: index, round: nodes[Int(index)].round)
    }

    /// Forgets one directory. The caller forgets its children first.
    mutating func remove(_ id: ID) {
        guard contains(id), id != root else { return }
        let node = nodes[Int(id.index)]
        if node.previous == Self.none {
            nodes[Int(node.parent)].firstChild = node.next
        } else {
            nodes[Int(node.previous)].next = node.next
        }
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        if let place = withName(of: id.index, { hash($0, node.parent) }) { removeAlike(id.index, at: place) }
        lostNames += Int(node.nameCount) + 1
        nodes[Int(id.index)] = Node(round: node.round &+ 1)
        free.append(id.index)
        if lostNames > 4096, lostNames > names.count / 2 { packNames() }
    }

    private func id(_ index: Int32) -> ID? {
        index == Self.none ? nil : ID(index: index, round: nodes[Int(index)].round)
    }

    private mutating func add(_ node: Node) -> Int32 {
        guard let index = free.popLast() else {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        var node = node
        node.round = nodes[Int(index)].round
        nodes[Int(index)] = node
        return index
    }

    private func withName<Result>(of index: Int32, _ body: (BorrowedName) -> Result) -> Result? {
        let node = nodes[Int(index)]
        return names.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { body(BorrowedName($0 + Int(node.nameStart), count: Int(node.nameCount))) }
        }
    }

    private func hash(_ name: BorrowedName, _ parent: Int32) -> Int {
        var hasher = Hasher()
        hasher.combine(parent)
        hasher.combine(bytes: name.bytes)
        return hasher.finalize()
    }

    private func find(_ name: BorrowedName, _ parent: Int32, _ hash: Int) -> ID? {
        var next = places[hash] ?? Self.none
        while next != Self.none {
            let node = nodes[Int(next)]
            let isIt =
                node.parent == parent && Int(node.nameCount) == name.count
                && withName(of: next) { memcmp($0.start, name.start, name.count) == 0 } == true
            if isIt { return id(next) }
            next = node.nextAlike
        }
        return nil
    }

    private mutating func removeAlike(_ index: Int32, at place: Int) {
        let after = nodes[Int(index)].nextAlike
        guard var previous = places[place] else { return }
        if previous == index {
            places[place] = after == Self.none ? nil : after
            return
        }
        while previous != Self.none, nodes[Int(previous)].nextAlike != index {
            previous = nodes[Int(previous)].nextAlike
        }
        if previous != Self.none { nodes[Int(previous)].nextAlike = after }
    }

    /// Drops the names of removed directories.
    private mutating func packNames() {
        var packed: [CChar] = []
        packed.reserveCapacity(names.count - lostNames)
        for index in nodes.indices where nodes[index].isUsed && index > 0 {
            let (start, count) = (Int(nodes[index].nameStart), Int(nodes[index].nameCount))
            nodes[index].nameStart = Int32(packed.count)
            packed.append(contentsOf: names[start...(start + count)])
        }
        names = packed
        lostNames = 0
    }
}
