import Foundation
import Glibc
import SystemPackage

/// A user without privileges: whoever runs the tests, or `nobody` where that is root, whom no permission stops.
enum OtherUser {
    /// `nobody`'s id on Debian.
    static let id: uid_t = getuid() == 0 ? 65534 : getuid()

    /// For ``BuiltBinary``: nil where the tests run as that user already.
    static var argument: uid_t? { getuid() == 0 ? id : nil }

    /// Whether every directory above the binary lets others through.
    static var canRunTheBinary: Bool {
        guard getuid() == 0 else { return true }
        var path = BuiltBinary.path
        while !path.components.isEmpty {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path.string)
            guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o001 != 0 else { return false }
            path.removeLastComponent()
        }
        return true
    }
}
