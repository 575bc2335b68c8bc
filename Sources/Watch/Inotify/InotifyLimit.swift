import SystemPackage

/// The kernel's two limits on inotify, for each user, and what to say when one is reached.
enum InotifyLimit: String {
    case watches = "max_user_watches"
    case instances = "max_user_instances"

    /// As sysctl(8) writes it.
    var name: String { "fs.inotify.\(rawValue)" }

    /// What a person can do about it, to the letter.
    ///
    /// The value is twice the present one, and no less than what suits a large tree. A watch costs the kernel about
    /// 1 KiB, and only while it is used.
    func advice(current: Int?) -> String {
        let least = self == .watches ? 524_288 : 1024
        let value = max(least, (current ?? 0) * 2)
        let present = current.map { "is \($0)" } ?? "is too low"
        return "\(name) \(present); set it with: sysctl -w \(name)=\(value)"
            + " (and, to keep it, the line \(name)=\(value) in /etc/sysctl.d/60-outtray.conf)"
    }

    /// The present value, if the kernel tells it.
    func current() -> Int? {
        let path = FilePath("/proc/sys/fs/inotify/\(rawValue)")
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        let digits = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return Int(String(decoding: digits.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
