import Foundation
import Glibc
import SystemPackage

/// A directory on another file system than temporary files: in /dev/shm, which is in memory on Linux.
package final class OtherDisk: Sendable {
    package let path: FilePath

    package init() throws {
        path = FilePath("/dev/shm/outtray-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    /// The names directly in the directory `name` beneath this one, hidden files included, sorted.
    package func names(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.appending(name).string).sorted()
    }

    package func text(_ name: String) throws -> String {
        try String(contentsOfFile: path.pushing(FilePath(name)).string, encoding: .utf8)
    }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path.appending(name).string))
    }
}
