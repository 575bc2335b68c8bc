import SystemPackage

extension FileDescriptor {
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
