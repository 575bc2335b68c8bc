import SystemPackage
import Watch

/// What somebody wants to put into a folder.
package struct DropWish: Hashable, Sendable {
    /// The file's name.
    package let name: String
    /// The directories below the folder, parted by `/`; empty for the folder itself.
    package let directory: String
    /// How many bytes will come.
    package let bytes: Int64

    package init(name: String, directory: String = "", bytes: Int64) {
        self.name = name
        self.directory = directory
        self.bytes = bytes
    }

    /// The place in the folder, if it takes such a name. ``DropPlace/check(in:)`` asks whether the name is ignored.
    ///
    /// Asks no disk.
    func place(in folder: FolderPlan) throws(DropRefusal) -> DropPlace {
        guard folder.acceptsDrops else { throw .closed(folder.name) }
        // As long as a path may be that Linux opens (PATH_MAX), without its null byte.
        guard directory.utf8.count + name.utf8.count < 4095 else {
            throw .name(
                "the path below the folder is longer than 4,095 bytes",
                hint: "put the file nearer to the folder"
            )
        }
        let components = directory.split(separator: "/", omittingEmptySubsequences: false)
        var path = FilePath()
        for component in directory.isEmpty ? [] : components { path.append(try Self.component(component)) }
        guard path.isEmpty || folder.recursive else {
            throw .name("folder \(folder.name) takes no directories", hint: "put the file into the folder itself")
        }
        return DropPlace(directory: path, name: try Self.component(name))
    }

    /// Throws if no file of this size goes up from the folder.
    func checkSize(in folder: FolderPlan) throws(DropRefusal) {
        if let cap = folder.admission.largest, bytes > cap.bytes { throw .tooLarge(bytes, cap) }
    }

    private static func component(_ name: some StringProtocol) throws(DropRefusal) -> FilePath.Component {
        let bytes = Array(name.utf8)
        guard bytes.count <= DropPlace.longestName else {
            throw .name("the name has \(bytes.count) bytes, and 255 at most fit", hint: "give it a shorter name")
        }
        guard !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")),
            let component = FilePath(bytes: bytes).lastComponent, component.kind == .regular
        else {
            throw .name("\"\(name)\" is no name of a file", hint: "give it a name without /")
        }
        return component
    }
}

/// Where a dropped file is to lie in its folder.
struct DropPlace: Hashable, Sendable {
    /// In bytes: NAME_MAX of all usual file systems.
    static let longestName = 255

    /// Below the folder.
    let directory: FilePath
    let name: FilePath.Component

    /// Throws if the folder passes over the file, or if that is not known. Blocks.
    func check(in folder: WatchedFolder) throws(DropRefusal) {
        switch folder.exclusionOnDisk(of: folder.path.pushing(directory).appending(name)) {
        case .ignored(let name, let match):
            throw .name(
                "folder \(folder.name) passes over \(FilePath(root: nil, components: name)): \(match.words)",
                hint: "give it another name"
            )
        case .undecided(_, _, let reason): throw .undecided(folder.name, reason)
        case .subdirectory, .sidecar, .marker, nil: break
        }
    }

    /// A name for the file while it comes: it is passed over, and chance keeps it apart from all others.
    var temporary: FilePath.Component? {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let ending = Array(".\(String(repeating: "0", count: 16 - digits.count))\(digits).part".utf8)
        let start = FilePath(root: nil, components: name).bytes.prefix(Self.longestName - ending.count)
        return FilePath(bytes: start + ending).lastComponent
    }
}

/// Why a folder does not take a file.
package struct DropRefusal: Error, Hashable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The folder takes no drops.
        case closed
        /// The name is none that could go up.
        case name
        case tooLarge
        /// Another file has the name.
        case taken
        /// The disk has no room.
        case noRoom
        /// The folder cannot be written to at present.
        case unavailable
    }

    package let kind: Kind
    package let description: String
    /// What to do.
    package let hint: String
    /// A name that is free.
    package var suggestion: String?

    private init(_ kind: Kind, _ description: String, hint: String, suggestion: String? = nil) {
        self.kind = kind
        self.description = description
        self.hint = hint
        self.suggestion = suggestion
    }

    static func closed(_ folder: String) -> DropRefusal {
        DropRefusal(
            .closed,
            "folder \(folder) takes no files from the page",
            hint: "write accept_drops: true into the folder's configuration; then: outtray reload"
        )
    }

    /// The configuration was read again while the bytes came.
    static func changed(_ folder: String) -> DropRefusal {
        DropRefusal(
            .unavailable,
            "folder \(folder) is another one by now, or takes other files",
            hint: "send the file again"
        )
    }

    /// Nobody knows what the folder passes over.
    static func undecided(_ folder: String, _ reason: String) -> DropRefusal {
        DropRefusal(.unavailable, "what folder \(folder) passes over is not known: \(reason)", hint: "mend that file")
    }

    static func name(_ reason: String, hint: String) -> DropRefusal { DropRefusal(.name, reason, hint: hint) }

    static func tooLarge(_ bytes: Int64, _ cap: ByteCount) -> DropRefusal {
        DropRefusal(
            .tooLarge,
            "the file has \(ByteCount(bytes)), and no file of more than \(cap) goes up from this folder",
            hint: "make it smaller"
        )
    }

    static func taken(_ name: FilePath.Component, free: FilePath.Component?) -> DropRefusal {
        DropRefusal(
            .taken,
            "the folder has a file \(name) already",
            hint: free.map { "free is: \($0)" } ?? "give it another name",
            suggestion: free.map { FilePath(root: nil, components: $0).bytes }
                .flatMap { String(validating: $0, as: UTF8.self) }
        )
    }

    static func noRoom(at path: FilePath) -> DropRefusal {
        DropRefusal(.noRoom, "the disk of \(path) has no room for the file", hint: "make room on it")
    }

    /// A failed call at the folder's disk.
    static func failed(_ error: Errno, at path: FilePath) -> DropRefusal {
        switch error {
        case .noSpace, .diskQuotaExceeded: noRoom(at: path)
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            DropRefusal(
                .unavailable,
                "the service cannot write to \(path): \(error)",
                hint: "give it the right to, in its unit too (ReadWritePaths=); outtray check says what lacks"
            )
        default:
            DropRefusal(.unavailable, "\(path) cannot be written to: \(error)", hint: "look at the folder and its disk")
        }
    }
}
