import SystemPackage
import Watch

@testable import Pipeline

extension Departure {
    /// A departure from the folder `inbox` that was never tried.
    static func sample(
        id: Int64 = 7,
        root: FilePath = "/in",
        path: FilePath,
        version: FileVersion,
        account: String = "main",
        action: AfterUpload = .delete,
        sha256: SHA256Digest = digest(1),
        status: AssetStatus = .ready,
        aim: FilePath? = nil,
        hasFoldersAccount: Bool? = nil
    ) -> Departure {
        Departure(
            id: id,
            folder: "inbox",
            root: root,
            path: path,
            version: version,
            account: account,
            action: action,
            sha256: sha256,
            status: status,
            aim: aim,
            recordedAt: at(1),
            attempts: 0,
            hasFoldersAccount: hasFoldersAccount
        )
    }
}
