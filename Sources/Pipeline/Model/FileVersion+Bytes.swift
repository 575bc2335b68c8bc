import Watch

extension FileVersion {
    /// Whether both are the same file with the same size, whatever the times. The file may have been touched or written
    /// to; only reading it tells. ``FileVersion/hasSameBytes(as:)`` trusts the mtime.
    package func mayHaveSameBytes(as other: FileVersion) -> Bool {
        device == other.device && inode == other.inode && size == other.size
    }
}
