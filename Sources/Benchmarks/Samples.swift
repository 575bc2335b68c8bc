import Logging
import Pipeline
import SystemPackage
import Watch

/// Files that are on no disk. Each has a size of its own, so that none may have the bytes of another.
enum Samples {
    static let quiet = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
    static let root = FilePath("/srv/media/inbox")

    static func found(_ number: Int) -> FoundFile {
        FoundFile(folder: "inbox", path: path(number), version: version(number))
    }

    static func media(_ number: Int) -> MediaFile {
        MediaFile(
            folder: "inbox",
            root: root,
            path: path(number),
            version: version(number),
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: "IMG_\(number).jpg"
        )
    }

    static func receipt(_ number: Int) -> Receipt {
        Receipt(
            mediaID: "med_\(number)",
            publicURL: "https://media.example/media/med_\(number).jpg",
            status: .ready
        )
    }

    static func digest(_ number: Int) -> SHA256Digest {
        SHA256Digest(bytes: (0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) })
    }

    private static func path(_ number: Int) -> FilePath {
        root.appending("day-\(number / 1000)").appending("IMG_\(number).jpg")
    }

    private static func version(_ number: Int) -> FileVersion {
        FileVersion(device: 1, inode: UInt64(number + 1), size: 15_000 + Int64(number), modified: 1, changed: 1)
    }
}
