import Glibc
import SystemPackage

extension FileDescriptor {
    /// The number of the file system that an open file is on (`st_dev`). Nil if the kernel does not tell.
    var device: UInt64? {
        // swift-system has a `stat` of its own here.
        var status = Glibc.stat()
        return fstat(rawValue, &status) == 0 ? UInt64(status.st_dev) : nil
    }

    /// The device and inode of an open file. Nil if the kernel does not tell.
    var identity: FileIdentity? {
        var status = Glibc.stat()
        return fstat(rawValue, &status) == 0 ? FileIdentity(FileVersion(status)) : nil
    }

    /// All bytes from here to the end, or the first `most`. Blocks.
    package func readAll(most: Int = .max) throws -> [UInt8] {
        var content: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)
        defer { buffer.deallocate() }
        while content.count < most, case let count = try read(into: buffer), count > 0 {
            content += buffer[..<min(count, most - content.count)]
        }
        return content
    }
}
