import SystemPackage

/// The kernel's two inotify limits for each user, and the advice for a person when one is reached.
package enum InotifyLimit: String {
    case watches = "max_user_watches"
    case instances = "max_user_instances"

    /// The limit's name as sysctl(8) writes it.
    package var name: String { "fs.inotify.\(rawValue)" }

    /// The exact command and line that raise the limit.
    ///
    /// The value is twice the present one, and at least enough for a large tree. A watch costs the kernel about 1 KiB,
    /// and only while it is used.
    package func advice(current: Int?) -> String {
        let least = self == .watches ? 524_288 : 1024
        let value = max(least, (current ?? 0) * 2)
        let present = current.map { "is \($0)" } ?? "is too low"
        return "\(name) \(present); set it with: sysctl -w \(name)=\(value)"
            + " (and, to keep it, the line \(name)=\(value) in /etc/sysctl.d/60-outtray.conf)"
    }

    /// The present value. Nil if the kernel does not tell.
    package func current() -> Int? {
        let path = FilePath("/proc/sys/fs/inotify/\(rawValue)")
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        let digits = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return Int(String(decoding: digits.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
