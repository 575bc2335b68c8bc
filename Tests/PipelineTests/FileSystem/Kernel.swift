import Glibc
import SystemPackage
import TestSupport

@testable import Pipeline

/// What this machine lets a test see.
enum Kernel {
    /// Whether a lease can be had on a file in the temporary directory; some container file systems have none.
    static let givesLeases: Bool = {
        guard let directory = try? TemporaryDirectory(), let path = try? directory.write("x", "x"),
            let file = try? SourceFile(path, beneath: directory.path)
        else { return false }
        return file.isHeldForWriting == false
    }()

    /// Root may read whatever its mode says.
    static var isRoot: Bool { geteuid() == 0 }
}
