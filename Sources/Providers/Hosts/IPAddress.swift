import Glibc

/// An IPv4 or IPv6 address. It knows whether it belongs to the public internet.
package struct IPAddress: Hashable, Sendable {
    /// 4 or 16 bytes, the most significant first. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) has 4.
    private let bytes: [UInt8]

    /// Reads every form of an address that `getaddrinfo` accepts; nil for a name.
    ///
    /// `127.1`, `0x7f.0.0.1`, `017700000001` and `2130706433` are all `127.0.0.1`, by inet_aton(3). IPv6 comes without
    /// brackets and without a zone.
    package init?(_ text: String) {
        // inet_aton stops at the first white space or zero byte, and ignores the rest.
        guard text.utf8.allSatisfy(Self.isAddressByte) else { return nil }
        var narrow = in_addr()
        var wide = in6_addr()
        if inet_aton(text, &narrow) != 0 {
            bytes = withUnsafeBytes(of: narrow) { Array($0) }
        } else if inet_pton(AF_INET6, text, &wide) == 1 {
            let all = withUnsafeBytes(of: wide) { Array($0) }
            bytes = Network.mapped.contains(all) ? Array(all[12...]) : all
        } else {
            return nil
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "x"),
            UInt8(ascii: "X"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private init(embedded bytes: ArraySlice<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Does this address lead back to this machine?
    package var isLoopback: Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Is this address part of the public internet?
    ///
    /// False for this machine, private and link-local networks, carriers' inner networks and multicast. False, too, for
    /// the other ranges that IANA reserves for special purposes. Source: IANA's special-purpose address registries
    /// (RFC 6890 and its updates).
    var isPublic: Bool {
        if bytes.count == 4 { return !Network.special.contains { $0.contains(bytes) } }
        // These two forms hold an IPv4 address for a gateway to unpack: they are as public as that address.
        if Network.translated.contains(bytes) { return IPAddress(embedded: bytes[12...]).isPublic }
        if Network.sixToFour.contains(bytes) { return IPAddress(embedded: bytes[2..<6]).isPublic }
        return Network.global.contains(bytes) && !Network.specialIPv6.contains { $0.contains(bytes) }
    }
}

/// A range of addresses that begin with the same bits.
private struct Network: Sendable {
    let prefix: [UInt8]
    let bits: Int
    /// In bytes: 4 or 16.
    let width: Int

    /// `prefix` may leave out zeros at its end.
    private init(_ prefix: [UInt8], _ bits: Int, width: Int) {
        self.prefix = prefix + [UInt8](repeating: 0, count: width - prefix.count)
        self.bits = bits
        self.width = width
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == width else { return false }
        let whole = bits / 8
        guard address[..<whole] == prefix[..<whole] else { return false }
        let rest = bits % 8
        return rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0
    }

    private static func ipv4(_ prefix: UInt8..., bits: Int) -> Network { Network(prefix, bits, width: 4) }

    /// The groups are the first 16-bit groups of the address.
    private static func ipv6(_ groups: UInt16..., bits: Int) -> Network {
        Network(groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, bits, width: 16)
    }

    static let special: [Network] = [
        ipv4(0, bits: 8),
        ipv4(10, bits: 8),
        // Between a carrier and its customers; overlay networks such as Tailscale use it, too.
        ipv4(100, 64, bits: 10),
        ipv4(127, bits: 8),
        // Link-local; the clouds' metadata services are here.
        ipv4(169, 254, bits: 16),
        ipv4(172, 16, bits: 12),
        ipv4(192, 0, 0, bits: 24),
        ipv4(192, 0, 2, bits: 24),
        ipv4(192, 168, bits: 16),
        ipv4(198, 18, bits: 15),
        ipv4(198, 51, 100, bits: 24),
        ipv4(203, 0, 113, bits: 24),
        // Multicast, reserved, broadcast.
        ipv4(224, bits: 3),
    ]

    /// Global unicast. All else is loopback, unspecified, unique-local, link-local, multicast or not assigned.
    static let global = ipv6(0x2000, bits: 3)
    static let specialIPv6: [Network] = [
        ipv6(0x2001, bits: 23), ipv6(0x2001, 0xDB8, bits: 32), ipv6(0x3FFF, bits: 20),
    ]
    static let mapped = ipv6(0, 0, 0, 0, 0, 0xFFFF, bits: 96)
    static let translated = ipv6(0x64, 0xFF9B, bits: 96)
    static let sixToFour = ipv6(0x2002, bits: 16)
}
