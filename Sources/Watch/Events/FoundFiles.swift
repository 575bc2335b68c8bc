import Glibc
import SystemPackage

/// Regular files that one look saw directly in a directory: the directory once, then each name and version.
///
/// A scan sees a million files that are known. Nobody needs the paths of those, so no file has a path here.
package struct FoundFiles: Sendable, Equatable {
    private struct File: Equatable {
        /// Where the name begins in `names`.
        var start: Int
        var version: FileVersion
    }

    package let folder: String
    package let directory: FilePath
    /// The names, each with a NUL behind it.
    private var names: [CChar] = []
    private var files: [File] = []

    /// No files yet.
    package init(in directory: FilePath, folder: String) {
        self.folder = folder
        self.directory = directory
    }

    /// One file.
    package init(_ path: FilePath, _ version: FileVersion, folder: String) {
        self.init(in: path.removingLastComponent(), folder: folder)
        path.lastComponent?.withBorrowedName { append($0, version) }
    }

    package var count: Int { files.count }
    package var isEmpty: Bool { files.isEmpty }

    /// The devices of the files: nearly always one.
    package var devices: Set<UInt64> {
        var devices: Set<UInt64> = []
        var last: UInt64?
        for file in files where file.version.device != last {
            last = file.version.device
            devices.insert(file.version.device)
        }
        return devices
    }

    package mutating func append(_ name: BorrowedName, _ version: FileVersion) {
        files.append(File(start: names.count, version: version))
        names.append(contentsOf: UnsafeBufferPointer(start: name.start, count: name.count))
        names.append(0)
    }

    /// The paths, in the order of the look.
    package var paths: [FilePath] {
        var paths: [FilePath] = []
        forEach { path, _ in paths.append(path()) }
        return paths
    }

    /// Hands each file to `body`. `path` makes its path, for those that need it.
    package func forEach(_ body: (_ path: () -> FilePath, FileVersion) throws -> Void) rethrows {
        try forEachName { name, version in
            try body({ name.component.map(directory.appending) ?? directory }, version)
        }
    }

    /// Hands each file to `body`, with the bytes of its path. They are valid during that call alone.
    package func forEachPath(_ body: (UnsafeRawBufferPointer, FileVersion) throws -> Void) rethrows {
        var path = directory.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        if path.last != slash { path.append(slash) }
        let stem = path.count
        try forEachName { name, version in
            path.removeSubrange(stem...)
            path.append(contentsOf: UnsafeBufferPointer(start: name.start, count: name.count))
            try path.withUnsafeBytes { try body($0, version) }
        }
    }

    /// Parts these files from those whose names match. A directory of many files has few of those, or none.
    package func parted(by patterns: NamePatterns) -> (others: FoundFiles, matching: FoundFiles) {
        let none = FoundFiles(in: directory, folder: folder)
        if patterns.isEmpty { return (self, none) }
        var (others, matching) = (none, none)
        forEachName { name, version in
            if patterns.match(name) { matching.append(name, version) } else { others.append(name, version) }
        }
        return (others, matching)
    }

    private func forEachName(_ body: (BorrowedName, FileVersion) throws -> Void) rethrows {
        try names.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            for (index, file) in files.enumerated() {
                let end = index + 1 < files.count ? files[index + 1].start : names.count
                try body(BorrowedName(start + file.start, count: end - file.start - 1), file.version)
            }
        }
    }
}
