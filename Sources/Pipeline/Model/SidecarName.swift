import SystemPackage

// Which files a sidecar stands beside, by their names.

extension FilePath {
    /// The path without the last ending of its name, by bytes: `/in/photo.jpg` for `/in/photo.jpg.txt`. A name without
    /// an ending stays as it is.
    package var withoutEnding: FilePath {
        let bytes = bytes
        let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        guard let dot = bytes[name...].lastIndex(of: UInt8(ascii: ".")), dot > name else { return self }
        return FilePath(bytes: bytes[..<dot])
    }

    /// Whether a sidecar at this path stands beside that file. Both are in one directory, and the sidecar's name has
    /// one ending more than the file's (`photo.jpg.txt`), or another one (`photo.txt`).
    ///
    /// A sidecar stands beside each such file, and no file beside itself.
    package func isSidecar(of file: FilePath) -> Bool {
        let stem = withoutEnding
        return self != file && (stem == file || stem == file.withoutEnding)
    }
}
