import Foundation
import Glibc
import SystemPackage

/// A user without privileges: `nobody` if root runs the tests, else the tests' own user. No permission stops root.
enum OtherUser {
    /// The id of `nobody` is 65534 on Debian.
    static let id: uid_t = getuid() == 0 ? 65534 : getuid()

    /// The user for ``BuiltBinary``. Nil if the tests already run as that user.
    static var argument: uid_t? { getuid() == 0 ? id : nil }

    /// Can other users pass through every directory above the binary?
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
