import Foundation
import Glibc
import Pipeline
import SystemPackage
import Watch

/// What happens to a folder's files after their upload, and what this user cannot learn about them.
struct DepartureOutlook {
    private let folder: Configuration.Folder

    init(_ folder: Configuration.Folder) {
        self.folder = folder
    }

    /// For the folder's line of `outtray check`. Empty if files stay.
    var words: String {
        switch folder.afterUpload {
        case .keep: ""
        case .delete: ", then deleted\(reservation)"
        case .move(let target): ", then moved beneath \(printablePath(target))\(reservation)"
        }
    }

    private var reservation: String {
        let time = "after \(Departure.quietTime(settle: folder.settle).milliseconds / 1000) s without a change"
        if isOnNetwork { return "; only \(time), as other machines may have a file open here" }
        if mayAskForAllFiles { return "" }
        return "; other users' files only \(time), as this user cannot tell who has them open (it lacks CAP_LEASE)"
    }

    /// Whether other kernels than this one may change files here.
    private var isOnNetwork: Bool {
        guard let directory = try? FileDescriptor.open(folder.path, .readOnly, options: [.directory, .closeOnExec])
        else {
            return false
        }
        defer { try? directory.close() }
        return FileSystemKind.of(directory) != .local
    }

    /// Whether this process has CAP_LEASE (capabilities(7), 28), by the effective set in proc(5).
    private var mayAskForAllFiles: Bool {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = UInt64(line.dropFirst("CapEff:".count).drop(while: \.isWhitespace), radix: 16)
        else { return false }
        return set & (1 << 28) != 0
    }
}
