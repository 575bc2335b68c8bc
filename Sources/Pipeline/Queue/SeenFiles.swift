/// The known files that a scan has seen, by the numbers of their rows in the ledger: a bit a file.
///
/// A number that is in here needs no look: the file was there during the scan. Any other number says nothing about its
/// file. A number may be given to another row once its own row is forgotten. That row is of a file that was seen later.
package struct SeenFiles: Sendable {
    /// 64 numbers a word. Numbers grow with each file that there ever was, so there are wide gaps.
    private var words: [Int64: UInt64] = [:]
    /// The devices of all files that the scan has found.
    private var devices: Set<UInt64> = []
    /// Devices that seen files were known on, and are not on any more.
    private var formerDevices: Set<UInt64> = []

    package init() {}

    package mutating func insert(on devices: Set<UInt64>, formerly former: Set<UInt64>) {
        self.devices.formUnion(devices)
        formerDevices.formUnion(former)
    }

    /// Whether a file system with this number may be one that is not mounted now: the scan found no file on it, and
    /// none that has changed from this number to another one.
    package func lacks(_ device: UInt64) -> Bool { !devices.contains(device) && !formerDevices.contains(device) }

    package var isEmpty: Bool { words.isEmpty }

    package mutating func insert(_ numbers: some Sequence<Int64>) {
        for number in numbers { words[number >> 6, default: 0] |= 1 << UInt64(number & 63) }
    }

    package func contains(_ number: Int64) -> Bool {
        words[number >> 6].map { $0 & (1 << UInt64(number & 63)) != 0 } ?? false
    }
}
