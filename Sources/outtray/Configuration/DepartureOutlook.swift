import Pipeline
import SystemPackage
import Watch

/// What happens to a folder's files after their upload, and what this user cannot learn about them.
struct DepartureOutlook {
    private let folder: Configuration.Folder
    private let surroundings: Surroundings

    init(_ folder: Configuration.Folder, in surroundings: Surroundings) {
        self.folder = folder
        self.surroundings = surroundings
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
        let time = "after \(Departure.quietTime(settle: folder.longestSettle).milliseconds / 1000) s without a change"
        if isOnNetwork { return "; only \(time), as other machines may have a file open here" }
        if surroundings.mayLease { return "" }
        return "; other users' files only \(time), as this user cannot tell who has them open (it lacks CAP_LEASE)"
    }

    /// Whether other kernels than this one may change files here.
    private var isOnNetwork: Bool {
        guard let directory = try? FileDescriptor.open(folder.path, .readOnly, options: [.directory, .closeOnExec])
        else {
            return false
        }
        defer { try? directory.close() }
        return !FileSystemKind.of(directory).knowsWriters
    }
}
