import Control
import Providers

extension ConfigurationMapping {
    /// Reads `listen`: a TCP listener. Nil if nothing is to listen, or if it is wrong.
    mutating func listen() -> Configuration.Listen? {
        guard let node = node("listen") else { return nil }
        var mapping = ConfigurationMapping(node)
        let given = mapping.value(
            "address",
            expected: "an IP address and a port, such as \(Configuration.Listen.usualAddress) or \"[::1]:8385\"",
            hint: Self.addressHint,
            parse: ListenAddress.init
        )
        let hasFailed = !mapping.problems.isEmpty
        let serves = mapping.servedParts()
        let token = mapping.keyFile("token_file")
        let tls = mapping.listenerTLS()
        let isBehindProxy = mapping.truth("behind_proxy") ?? false
        let hosts = mapping.hosts()
        let address = given ?? ListenAddress(Configuration.Listen.usualAddress)
        if let address, !hasFailed, mapping.problems.isEmpty, !address.isLoopback {
            // To the page, a browser logs in by a link of this machine: no token opens it.
            let needsToken = serves != [.page]
            let lacks = [
                token == nil && needsToken ? "token_file" : nil,
                tls == nil && !isBehindProxy ? "tls (or behind_proxy: true)" : nil,
            ].compactMap(\.self)
            if !lacks.isEmpty, let place = mapping.node("address") {
                mapping.report(
                    place.problem(
                        "other machines reach \(address), so give \(lacks.joined(separator: " and ")); or listen at "
                            + "\(Configuration.Listen.usualAddress), and let them come by ssh -L or a proxy"
                    )
                )
            }
        }
        let places = mapping.places
        adopt(mapping.finish())
        guard let address, let serves else { return nil }
        return Configuration.Listen(
            address: address,
            serves: serves,
            token: token,
            tls: tls,
            isBehindProxy: isBehindProxy,
            hosts: hosts,
            places: places
        )
    }

    private static func addressHint(_ text: String) -> String? {
        let colons = text.count { $0 == ":" }
        if colons == 0 || colons == 1 && text.hasPrefix(":") {
            return "give both, as in \(Configuration.Listen.usualAddress)"
        }
        if text.hasPrefix("http") { return "without http:// and path" }
        if let port = text.split(separator: ":").last, UInt16(port) == nil || port.hasPrefix("0") {
            return "a port is a number from 1 to 65535"
        }
        if !text.hasPrefix("["), colons > 1 { return "an IPv6 address stands in brackets" }
        return "a name may have several addresses, so give one of them"
    }

    private mutating func servedParts() -> Set<ServedPart>? {
        let names = ServedPart.allCases.map(\.rawValue).joined(separator: ", ")
        guard let node = node("serve") else {
            if problems.isEmpty { report(self.node.problem("serve is missing: a list of \(names)")) }
            return nil
        }
        guard let elements = node.elements, !elements.isEmpty else {
            report(node.problem("must be a list of \(names)"))
            return nil
        }
        var parts: Set<ServedPart> = []
        for element in elements {
            guard let part = element.text.flatMap(ServedPart.init) else {
                let given = element.text.map { ", not \"\($0.cut)\"" } ?? ""
                report(element.problem("must be one of \(names)\(given)"))
                continue
            }
            if !parts.insert(part).inserted { report(element.problem("stands twice")) }
        }
        return parts
    }

    private mutating func listenerTLS() -> Configuration.Listen.TLS? {
        guard let node = node("tls") else { return nil }
        var mapping = ConfigurationMapping(node)
        let certificate = mapping.keyFile("certificate")
        let key = mapping.keyFile("key")
        let files: [(name: String, source: KeySource?)] = [("certificate", certificate), ("key", key)]
        let missing = files.filter { $0.source == nil }.map(\.name)
        if !missing.isEmpty, mapping.problems.isEmpty {
            mapping.report(node.problem("\(missing.joined(separator: " and ")) is missing: give certificate and key"))
        }
        adopt(mapping.finish())
        guard let certificate, let key else { return nil }
        return Configuration.Listen.TLS(certificate: certificate, key: key)
    }

    private mutating func hosts() -> [HostName] {
        guard let node = node("hosts") else { return [] }
        guard let elements = node.elements else {
            report(node.problem("must be a list of hosts, such as [media.example]"))
            return []
        }
        return elements.compactMap { element in
            let host = element.text.flatMap { HostName($0) }
            if host == nil {
                let given = element.text.map { ", not \"\($0.cut)\"" } ?? ""
                report(element.problem("must be a name or address, without http:// and port\(given)"))
            }
            return host
        }
    }
}

extension ListenAddress {
    /// Whether only this machine reaches it.
    var isLoopback: Bool { IPAddress(host)?.isLoopback ?? false }
}
