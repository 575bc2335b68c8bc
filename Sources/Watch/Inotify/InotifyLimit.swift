/// The kernel's two inotify limits for each user.
package enum InotifyLimit: String, Sendable {
    case watches
    case instances

    /// The machine's limit, as sysctl(8) writes it.
    package var name: String { "fs.inotify.max_user_\(rawValue)" }

    /// The limit of one user namespace. In the first namespace it is the machine's under another name. Each namespace
    /// has one (kernel/ucount.c).
    package var nameOfNamespace: String { "user.max_inotify_\(rawValue)" }

    /// The machine's value. Nil if the kernel does not tell.
    package func current() -> Int? { Self.value(of: name) }

    /// The value of this user namespace. Nil if this is the first one, or the kernel does not tell.
    package func currentOfNamespace() -> Int? {
        Self.isFirstNamespace ? nil : Self.value(of: nameOfNamespace)
    }

    /// Only the first user namespace has all user ids (user_namespaces(7)).
    private static var isFirstNamespace: Bool {
        guard let map = ProcFile.text("/proc/self/uid_map") else { return true }
        return map.split(whereSeparator: \.isWhitespace) == ["0", "0", "4294967295"]
    }

    private static func value(of name: String) -> Int? {
        ProcFile.text("/proc/sys/" + name.split(separator: ".").joined(separator: "/"))
            .flatMap { Int($0.prefix { $0 != "\n" }) }
    }
}
