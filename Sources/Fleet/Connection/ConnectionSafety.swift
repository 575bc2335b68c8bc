import Glibc

/// Whether the settings of a connection are safe: over the network, the server has to show by its certificate that it
/// is the one that was named.
///
/// A Unix socket and a loopback address are safe by themselves: nobody outside of this machine reads along.
enum ConnectionSafety {
    /// The settings whose values are secrets. They stand in a passfile, a service file or a key file, never in a
    /// configuration that others can read.
    static let secrets = ["password", "sslpassword"]

    /// Why these settings, by libpq's keywords, are not safe. Nil if they are.
    static func objection(to settings: [String: String]) -> String? {
        guard settings["sslmode"] != "verify-full", let host = remoteHost(of: settings) else { return nil }
        let present = settings["sslmode"].map { " instead of sslmode=\($0)" } ?? ""
        return "the connection to \(host) is not safe: add sslmode=verify-full\(present) and sslrootcert=FILE to "
            + "fleet.database, with the file of the authority that signed the server's certificate"
    }

    /// The first host that is not this machine. Several hosts, or their addresses, are separated by commas.
    private static func remoteHost(of settings: [String: String]) -> String? {
        let hosts = list(settings["host"])
        let addresses = list(settings["hostaddr"])
        for index in 0..<max(hosts.count, addresses.count) {
            let host = index < hosts.count ? hosts[index] : ""
            // Where there is an address, libpq connects to that. The name is for the certificate alone then.
            let address = index < addresses.count ? addresses[index] : ""
            let isLocal = address.isEmpty ? isSocket(host) || isLoopback(host) : isLoopback(address)
            if !isLocal { return host.isEmpty ? address : host }
        }
        return nil
    }

    private static func list(_ value: String?) -> [String] {
        value.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }

    /// A directory of a Unix socket, or `@` and an abstract name. Without a host, libpq takes its usual directory.
    private static func isSocket(_ host: String) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@")
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }
}
