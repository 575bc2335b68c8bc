import Watch

extension FileVersion {
    /// Whether both are one file of one size, whatever its times: it may have been touched, or written to. Only reading it
    /// tells; ``FileVersion/hasSameBytes(as:)`` takes the mtime's word.
    package func mayHaveSameBytes(as other: FileVersion) -> Bool {
        device == other.device && inode == other.inode && size == other.size
    }
}
