import Glibc
import SystemPackage

/// A name in memory that belongs to somebody else. A NUL follows it, which does not count.
///
/// A scan meets a million names that nobody keeps. So none of them is copied.
package struct BorrowedName {
    package let start: UnsafePointer<CChar>
    /// In bytes.
    package let count: Int

    package init(_ start: UnsafePointer<CChar>, count: Int) {
        self.start = start
        self.count = count
    }

    init(_ start: UnsafePointer<CChar>) {
        self.init(start, count: strlen(start))
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// The name to keep. Nil for what no directory entry is called: an empty name, or one with a slash.
    package var component: FilePath.Component? { FilePath.Component(platformString: start) }

    /// Whether this is the directory itself, or the one above.
    var isDots: Bool {
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        guard count <= 2, start[0] == dot else { return false }
        return count == 1 || start[1] == dot
    }

    func hasPrefix(_ bytes: [UInt8]) -> Bool {
        count >= bytes.count && isEqual(start, bytes)
    }

    func hasSuffix(_ bytes: [UInt8]) -> Bool {
        let offset = count - bytes.count
        return offset >= 0 && isEqual(start + offset, bytes)
    }

    private func isEqual(_ place: UnsafePointer<CChar>, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in bytes.baseAddress.map { memcmp(place, $0, bytes.count) == 0 } ?? true }
    }
}

extension FilePath.Component {
    /// Hands the name to `body` as a borrowed one.
    package func withBorrowedName<Result>(_ body: (BorrowedName) throws -> Result) rethrows -> Result {
        try withPlatformString { try body(BorrowedName($0)) }
    }
}
