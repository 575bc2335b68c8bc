import Foundation
import Glibc
import SystemPackage

/// A folder full of what must not go up, beside real files under the worst names that a file can have.
struct HostileFolder: Sendable {
    /// The watched folder.
    let inbox: FilePath
    /// Where the secrets lie: outside, and readable, so that only the daemon's own care keeps them from going up.
    let outside: FilePath
    /// Bytes of no real file, and of another length than any.
    let secret: [UInt8]

    init(_ bench: Bench) throws {
        inbox = bench.path("inbox")
        outside = bench.path("outside")
        secret = Media.jpeg() + Array(repeating: 0x53, count: 7919)
        try bench.makeDirectory("outside")
        for name in ["secret.jpg", "a.jpg", "b.jpg"] { try bench.write(secret, to: "outside/\(name)") }
    }

    /// Real files by their paths; each has bytes of its own.
    func makeRealFiles() throws -> [FilePath: [UInt8]] {
        let deep = (0..<40).map { "level\($0)" }.joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "\(inbox)/\(deep)", withIntermediateDirectories: true)
        let names: [[UInt8]] = [
            Array((String(repeating: "n", count: 251) + ".jpg").utf8), Array("two\nlines.jpg".utf8),
            Array("red\u{1B}[31m\u{1}.jpg".utf8), Array("-rf.jpg".utf8), Array("--help".utf8), Array("   ".utf8),
            Array("*?[a]$(touch x).jpg".utf8), Array("broken-".utf8) + [0xFF, 0xFE, 0x80] + Array(".jpg".utf8),
            Array("50%.jpg".utf8), Array("\(deep)/deep.jpg".utf8),
        ]
        var files: [FilePath: [UInt8]] = [:]
        for (number, name) in names.enumerated() {
            let path = Self.path(inbox, name)
            files[path] = Media.jpeg(number)
            try Self.write(Media.jpeg(number), to: path)
        }
        return files
    }

    /// What is no regular file, or leads out.
    func makeTraps() throws {
        let links = [
            "absolute.jpg": "\(outside)/secret.jpg", "relative.jpg": "../outside/secret.jpg",
            "directory": outside.string,
            "up": "..", "here": ".", "zero.jpg": "/dev/zero", "environ.jpg": "/proc/self/environ",
            "descriptor.jpg": "/proc/self/fd/0", "ping.jpg": "pong.jpg", "pong.jpg": "ping.jpg", "self.jpg": "self.jpg",
            "dangling.jpg": "nowhere.jpg", "inside.jpg": "-rf.jpg", "long.jpg": String(repeating: "x/", count: 2000),
        ]
        for (name, target) in links {
            try Self.check(symlink(target, "\(inbox)/\(name)"))
        }
        try Self.check(mkfifo("\(inbox)/pipe.jpg", 0o666))
        try Self.makeSocket("\(inbox)/socket.jpg")
    }

    /// Devices; the reason where this user, or this machine, may not make any.
    func makeDevices() -> String? {
        // Major and minor numbers: /dev/zero, /dev/full, the first loop device.
        let devices: [(String, mode_t, dev_t, dev_t)] = [
            ("zero-device.jpg", S_IFCHR, 1, 5), ("full-device.jpg", S_IFCHR, 1, 7), ("disk.jpg", S_IFBLK, 7, 0),
        ]
        for (name, kind, major, minor) in devices
        where mknod("\(inbox)/\(name)", kind | 0o666, major << 8 | minor) != 0 {
            return String(cString: strerror(errno))
        }
        return nil
    }

    /// A file that nobody may read.
    func makeLocked() throws -> FilePath {
        let path = inbox.appending("locked.jpg")
        try Self.write(Media.jpeg(999), to: path)
        try Self.check(chmod(path.string, 0))
        return path
    }

    /// Puts a link to the secret in place of a file, and the file in place of the link.
    func swapFile(_ name: String, _ content: [UInt8], isLink: Bool) throws {
        let spare = outside.appending("spare-\(name)")
        if isLink {
            try Self.check(symlink("\(outside)/secret.jpg", spare.string))
        } else {
            try Self.write(content, to: spare)
        }
        try Self.check(rename(spare.string, "\(inbox)/\(name)"))
    }

    /// Takes a directory away and puts a link to the secrets in its place, or the other way round.
    func swapDirectory(_ name: String, isLink: Bool) throws {
        let (place, store) = ("\(inbox)/\(name)", "\(outside)/store-\(name)")
        if isLink {
            try Self.check(rename(place, store))
            try Self.check(symlink(outside.string, place))
        } else {
            try Self.check(unlink(place))
            try Self.check(rename(store, place))
        }
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let options: FileDescriptor.OpenOptions = [.create, .truncate]
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: options,
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    private static func path(_ directory: FilePath, _ name: [UInt8]) -> FilePath {
        let bytes = Array("\(directory)/".utf8) + name + [0]
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                buffer.baseAddress.map { FilePath(platformString: $0) } ?? directory
            }
        }
    }

    private static func makeSocket(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        try check(
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
        )
    }

    private static func check(_ result: Int32) throws {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
