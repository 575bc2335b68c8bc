import Foundation
import Logging
import SystemPackage

@testable import Ledger

/// A directory of one test's own, removed with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        let name = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: name, withIntermediateDirectories: true)
        path = FilePath(name.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    var database: FilePath { path.appending("outtray.db") }

    func ledger() throws -> SQLiteLedger { try SQLiteLedger(directory: path, logger: quiet) }

    func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: database.string))) }

    func write(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: database.string))
    }

    /// The permission bits of a file in it.
    func mode(of name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path.appending(name).string)
        return attributes[.posixPermissions] as? Int
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
