import SystemPackage

/// A file's name, numbered before its ending if it is taken: `a.jpg`, `a-1.jpg`, `a-2.jpg`.
struct NumberedName: Sendable {
    private let stem: [UInt8]
    private let ending: [UInt8]

    init(_ name: FilePath.Component) {
        let bytes = FilePath(root: nil, components: name).bytes
        let dot = bytes.lastIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        let split = dot == bytes.startIndex ? bytes.endIndex : dot
        stem = Array(bytes[..<split])
        ending = Array(bytes[split...])
    }

    /// The name with this number; 0 stands for no number. If the name would be too long, its stem is cut.
    subscript(number: Int) -> FilePath.Component? {
        let mark = number == 0 ? [] : Array("-\(number)".utf8)
        let room = max(255 - mark.count - ending.count, 0)
        return FilePath(bytes: (stem.prefix(room) + mark + ending).prefix(255)).lastComponent
    }

    /// A free name. The number of looks grows with the logarithm of the number of taken names.
    func firstFree(isTaken: (FilePath.Component) throws -> Bool) throws -> FilePath.Component? {
        guard try has(0, isTaken) else { return self[0] }
        var taken = 0
        var free = 1
        while try has(free, isTaken) { (taken, free) = (free, free * 2) }
        while free - taken > 1 {
            let middle = taken + (free - taken) / 2
            if try has(middle, isTaken) { taken = middle } else { free = middle }
        }
        return self[free]
    }

    private func has(_ number: Int, _ isTaken: (FilePath.Component) throws -> Bool) throws -> Bool {
        guard let name = self[number] else { return false }
        return try isTaken(name)
    }
}
