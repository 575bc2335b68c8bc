/// The identity of a file or directory, whatever its name, content and times.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64

    package init(_ version: FileVersion) {
        device = version.device
        inode = version.inode
    }
}
