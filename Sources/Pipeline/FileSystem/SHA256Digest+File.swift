import Crypto
import SystemPackage

extension SHA256Digest {
    /// The digest of the bytes that a file has now. Blocks.
    ///
    /// - Throws: ``NotRegular``, or the `Errno` of the failed call.
    package init(ofFile path: FilePath) throws {
        self = try RegularFile.reading(path) { file, _ in
            var hash = SHA256()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
            defer { buffer.deallocate() }
            while true {
                let count = try file.read(into: buffer)
                if count == 0 { return SHA256Digest(bytes: Array(hash.finalize())) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
