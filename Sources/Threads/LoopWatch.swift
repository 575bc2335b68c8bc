/// Tells from looks at regular times which loops stand still: a value that counts looks and no time, so that a machine
/// that was suspended, or a process that was stopped, makes none of them late.
package struct LoopWatch {
    /// What a look finds of one loop.
    package struct Look: Hashable, Sendable {
        /// For people: "uploads of main".
        package var name: String
        /// Steps begun, ended or brought forward so far; any other number than at the last look is progress.
        package var count: Int
        /// It waits for something to happen, and was not asked for a sign of life.
        package var mayRest: Bool
        /// Its step waits for a file system's answer: a hung disk is no hung service.
        package var waitsForDisk: Bool

        package init(name: String, count: Int, mayRest: Bool = false, waitsForDisk: Bool = false) {
            self.name = name
            self.count = count
            self.mayRest = mayRest
            self.waitsForDisk = waitsForDisk
        }
    }

    /// A loop that makes no progress from one look to the next, so many times in a row, stands still.
    package static let patience = 3

    private var known: [Int: (count: Int, looks: Int)] = [:]

    package init() {}

    /// Takes the next look at all loops, by their ids; returns the names of those that stand still.
    package mutating func standing(_ looks: [Int: Look]) -> [String] {
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
