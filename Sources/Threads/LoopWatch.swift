/// Finds out which loops stand still, by looks at regular times.
///
/// A value that counts looks and measures no time. So a suspended machine or a stopped process makes no loop late.
package struct LoopWatch {
    /// The result of a look at one loop.
    package struct Reading: Hashable, Sendable {
        /// For people: "uploads of main".
        package var name: String
        /// Steps begun, ended or brought forward so far. Any change since the last look is progress.
        package var count: Int
        /// The loop waits for something to happen, and was not asked for a sign of life.
        package var mayRest: Bool
        /// The loop's step waits for a file system's answer. A hung disk does not make a hung service.
        package var waitsForDisk: Bool

        package init(name: String, count: Int, mayRest: Bool = false, waitsForDisk: Bool = false) {
            self.name = name
            self.count = count
            self.mayRest = mayRest
            self.waitsForDisk = waitsForDisk
        }
    }

    /// A loop stands still after this many looks in a row without progress.
    package static let patience = 3

    private var known: [Int: (count: Int, looks: Int)] = [:]

    package init() {}

    /// Takes the next look at all loops, by their ids. Returns the names of those that stand still.
    package mutating func standing(_ looks: [Int: Reading]) -> [String] {
        var next: [Int: (count: Int, looks: Int)] = [:]
        for (id, look) in looks {
            let last = known[id]
            let stands = last?.count == look.count && !look.mayRest && !look.waitsForDisk
            next[id] = (look.count, stands ? (last?.looks ?? 0) + 1 : 0)
        }
        known = next
        return looks.filter { next[$0.key].map { $0.looks >= Self.patience } ?? false }.map(\.value.name).sorted()
    }
}
