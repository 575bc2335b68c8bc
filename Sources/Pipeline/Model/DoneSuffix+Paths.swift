import SystemPackage
import Watch

// Which marker speaks of which file.

extension DoneSuffix {
    /// The marker of a file: its path with the ending behind it.
    package func marker(of file: FilePath) -> FilePath { FilePath(bytes: file.bytes + text.utf8) }

    /// The file that a marker speaks of. Nil for any other path.
    package func file(of marker: FilePath) -> FilePath? {
        guard let name = marker.lastComponent, isMarker(name) else { return nil }
        let file = FilePath(bytes: marker.bytes.dropLast(text.utf8.count))
        return file.removingLastComponent() == marker.removingLastComponent() ? file : nil
    }
}

extension FileVersion {
    /// Whether a marker in this version speaks of the file in that version, and of no earlier one.
    ///
    /// The later of the marker's two times must not be before the earlier of the file's. Who writes to a file sets both
    /// of its times to now. So a file that is written after its marker is later than that. Some events tell nothing of
    /// the bytes: a copied mtime, an mtime in the future, other rights, another name. None of them makes a file later.
    func speaks(of file: FileVersion) -> Bool { max(modified, changed) >= file.earlierTime }

    /// The earlier one of mtime and ctime, in nanoseconds since the epoch. No copied mtime and no other rights make it
    /// later.
    var earlierTime: Int64 { min(modified, changed) }

    /// Whether both times are later than this wall time: the clock was set back since.
    func isAhead(of now: Timestamp) -> Bool { earlierTime / 1_000_000 > now.milliseconds }
}
