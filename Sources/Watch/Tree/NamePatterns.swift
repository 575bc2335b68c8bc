import Glibc
import SystemPackage

/// Shell patterns of fnmatch(3) for one name. Names are bytes, so names that are not UTF-8 are matched as well.
///
/// A pattern matches exactly as it is written: small and capital letters differ.
package struct NamePatterns: Sendable, Equatable {
    private let patterns: [[CChar]]

    package init(_ patterns: [String] = []) {
        self.patterns = patterns.map { Array($0.utf8CString) }
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether one of the patterns matches the name.
    package func match(_ name: FilePath.Component) -> Bool {
        !isEmpty && name.withPlatformString(match)
    }

    /// The first pattern that matches the name; nil if none does.
    package func first(matching name: FilePath.Component) -> String? {
        name.withPlatformString { bytes in
            patterns.first { fnmatch($0, bytes, 0) == 0 }
                .map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
        }
    }

    func match(_ name: UnsafePointer<CChar>) -> Bool {
        patterns.contains { fnmatch($0, name, 0) == 0 }
    }
}
