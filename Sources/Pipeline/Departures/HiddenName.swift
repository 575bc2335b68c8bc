import SystemPackage
import Watch

/// A hidden name for a file on its way out. It contains the file's own name, for people.
///
/// It is the same after a restart. The inode keeps apart two files to which two ledgers gave one number.
struct HiddenName: Hashable, Sendable {
    /// How all hidden names begin.
    static let prefix = ".outtray-"

    /// What has the name.
    enum Use: String, CaseIterable {
        /// The file itself, set aside.
        case file = ""
        /// A directory for the file, if its file system needs one.
        case shelter = "aside-"
        /// A copy that is not whole yet.
        case copy = "copy-"
    }

    let use: Use
    /// The number of the file's departure.
    let departure: Int64
    let inode: UInt64
    /// The file's own name. Cut, if the hidden name would be too long.
    let own: FilePath.Component

    private init(_ use: Use, departure: Int64, inode: UInt64, own: FilePath.Component) {
        self.use = use
        self.departure = departure
        self.inode = inode
        self.own = own
    }

    /// The hidden names of a departing file have its own name cut alike. Nil if the departure's path has no name.
    init?(_ use: Use, of departure: Departure) {
        guard let name = departure.path.lastComponent else { return nil }
        let (id, inode) = (departure.id, departure.version.inode)
        let room = Use.allCases.map { 255 - Self.start($0, id, inode).count }.min() ?? 0
        let cut = FilePath(root: nil, components: name).bytes.prefix(room)
        guard let own = FilePath(bytes: cut).lastComponent else { return nil }
        self.init(use, departure: id, inode: inode, own: own)
    }

    /// Reads a hidden name; nil for any other name.
    init?(_ name: FilePath.Component) {
        var rest = FilePath(root: nil, components: name).bytes[...]
        guard Self.remove(Self.prefix, from: &rest) else { return nil }
        let use = Use.allCases.first { $0 != .file && Self.remove($0.rawValue, from: &rest) } ?? .file
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = String(decoding: parts[0], as: UTF8.self).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, numbers.count == 2, let departure = Int64(numbers[0]), let inode = UInt64(numbers[1]),
            let own = FilePath(bytes: parts[1]).lastComponent
        else { return nil }
        self.init(use, departure: departure, inode: inode, own: own)
    }

    /// The same name for another use.
    func used(_ use: Use) -> HiddenName {
        HiddenName(use, departure: departure, inode: inode, own: own)
    }

    var component: FilePath.Component? {
        let own = FilePath(root: nil, components: own).bytes
        return FilePath(bytes: Self.start(use, departure, inode) + own).lastComponent
    }

    private static func start(_ use: Use, _ departure: Int64, _ inode: UInt64) -> [UInt8] {
        Array("\(prefix)\(use.rawValue)\(departure)-\(inode).".utf8)
    }

    private static func remove(_ prefix: String, from bytes: inout ArraySlice<UInt8>) -> Bool {
        guard bytes.starts(with: prefix.utf8) else { return false }
        bytes = bytes.dropFirst(prefix.utf8.count)
        return true
    }
}
