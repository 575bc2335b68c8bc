import Foundation
import SystemPackage

/// One test's own directory, by its real path. It is removed with the last reference to it.
package final class TemporaryDirectory: Sendable {
    package let path: FilePath

    package init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let name = base.appendingPathComponent("outtray-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: name, withIntermediateDirectories: true)
        path = FilePath(name.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    package func at(_ name: String) -> FilePath { path.appending(name) }

    /// Writes a file anew. Makes the directories on the way.
    @discardableResult
    package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> FilePath {
        let file = at(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        try Data(Array(bytes)).write(to: URL(fileURLWithPath: file.string))
        return file
    }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> FilePath {
        try write(name, Array(text.utf8))
    }

    /// Replaces the text of a file. The file keeps its inode.
    package func edit(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open(at(name), .writeOnly, options: .truncate)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    @discardableResult
    package func makeDirectory(_ name: String) throws -> FilePath {
        try FileManager.default.createDirectory(atPath: at(name).string, withIntermediateDirectories: true)
        return at(name)
    }

    package func text(_ name: String) throws -> String { try String(contentsOfFile: at(name).string, encoding: .utf8) }

    /// Cuts a file short, in place.
    package func truncate(_ name: String, to length: Int64) throws {
        let descriptor = try FileDescriptor.open(at(name), .writeOnly)
        try descriptor.closeAfter { try descriptor.resize(to: length) }
    }

    /// Makes a symbolic link with this text.
    @discardableResult
    package func link(_ name: String, to target: String) throws -> FilePath {
        try FileManager.default.createSymbolicLink(atPath: at(name).string, withDestinationPath: target)
        return at(name)
    }

    /// Gives a file a second name.
    package func hardLink(_ name: String, to existing: String) throws {
        try FileManager.default.linkItem(atPath: at(existing).string, toPath: at(name).string)
    }

    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: at(name).string) }

    /// The names directly in the directory, hidden files included, sorted.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
    }

    /// The names directly in a directory beneath it, hidden files included, sorted.
    package func names(beneath directory: FilePath) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
    }

    package func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: at(name).string) }

    /// The permission bits of a file in it.
    package func mode(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: at(name).string)[.posixPermissions] as? Int
    }

    package func setMode(of name: String, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: at(name).string)
    }
}
