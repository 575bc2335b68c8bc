import Glibc

/// The kernel's errors of a connection, in words.
enum Errno {
    static let refused = ECONNREFUSED
    static let noHost = EHOSTUNREACH
    static let noNetwork = ENETUNREACH

    /// The words of `strerror_r`, in lower case: `connection refused`.
    static func words(_ code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
    }
}
