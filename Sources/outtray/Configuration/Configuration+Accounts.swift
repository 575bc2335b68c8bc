import Pipeline
import Providers
import SystemPackage

extension ConfigurationMapping {
    /// Reads one account. Values that are not given come from the provider's traits.
    mutating func account(_ name: String, _ node: ConfigurationNode) -> Configuration.Account {
        var mapping = ConfigurationMapping(node)
        let names = AccountProvider.allCases.map(\.rawValue).joined(separator: ", ")
        let given = mapping.value("provider", expected: "one of \(names)", parse: AccountProvider.init)
        if given == nil, mapping.problems.isEmpty { mapping.report(node.problem("provider is missing: \(names)")) }
        let provider = given ?? .sandbox
        let traits = provider.traits
        let key = mapping.keySource(account: name, provider: provider)
        let connection = ConnectionSettings(
            baseURL: mapping.baseURL() ?? traits.baseURL,
            uploadHosts: mapping.uploadHosts(),
            authorities: mapping.authorities()
        )
        let rate = mapping.rates()
        let settings = provider.kind.settings.init(connection, from: &mapping)
        let others = ProviderKind.allCases.filter { $0 != provider.kind }.map {
            $0.settings.init(connection, from: &mapping)
        }
        let limits = mapping.limits("limits") ?? ConfiguredLimits()
        let account = Configuration.Account(
            name: name,
            provider: provider,
            settings: settings,
            targets: others.reduce(settings.targets) { $0.merging($1.targets) { own, _ in own } },
            key: key,
            concurrency: mapping.number("concurrency", in: 1...64) ?? 4,
            rate: rate ?? traits.rate,
            writeRate: rate == nil ? traits.writeRate : [],
            bandwidth: mapping.bandwidth() ?? .unlimited,
            limits: traits.limits.overridden(by: limits.sizes),
            rules: limits.rules,
            places: mapping.places
        )
        adopt(mapping.finish())
        return account
    }

    /// An address without query. Keys travel with it, so plain http is only for this machine or with `allow_http`.
    private mutating func baseURL() -> String? {
        let allowHTTP = truth("allow_http") ?? false
        let expected =
            "an https:// address (http:// for this machine, or with allow_http: true), without user, query or fragment"
        return value("base_url", expected: expected, isQuoted: false) { text in
            guard let url = BaseURL(text), url.isSecure || url.isThisMachine || allowHTTP else { return nil }
            return text
        }
    }

    private mutating func rates() -> [CallRate]? {
        guard let node = node("rate") else { return nil }
        let expected = "a list of calls in a time, such as [60/60s, 1000/15m]"
        guard let elements = node.elements, !elements.isEmpty else {
            let given = node.text.map { "; here [\($0.cut)]" } ?? ""
            report(node.problem("must be \(expected)\(given)"))
            return nil
        }
        return elements.compactMap { element in
            let rate = element.text.flatMap { CallRate(configuration: $0) }
            if rate == nil { report(element.problem("must be calls in a time, such as 60/60s")) }
            return rate
        }
    }

    /// At least one host, because an empty list would allow none.
    private mutating func uploadHosts() -> [UploadHost] {
        guard let node = node("upload_hosts") else { return [] }
        guard let elements = node.elements, !elements.isEmpty else {
            report(node.problem("must be a list of hosts, such as [\"*.r2.cloudflarestorage.com\"]"))
            return []
        }
        return elements.compactMap { element in
            let host = element.text.flatMap { UploadHost($0) }
            if host == nil {
                let expected =
                    "a host such as storage.example, \"*.storage.example\" or 10.0.0.5:9000, without https:// and path"
                report(element.problem("must be \(expected)\(element.text.map { ", not \"\($0)\"" } ?? "")"))
            }
            return host
        }
    }

    /// The certificates of a PEM file. The file is read at once, so that its faults are reported at their place.
    private mutating func authorities() -> Authorities? {
        guard let node = node("ca_file") else { return nil }
        guard let text = node.text, FilePath(text).isAbsolute else {
            report(node.problem("must be an absolute path to a file of certificates (PEM)"))
            return nil
        }
        do {
            // A bundle of all existing authorities has some 200 kB.
            let authorities = Authorities(pem: try RegularFile.content(of: FilePath(text), most: 1 << 20))
            if authorities == nil {
                report(node.problem("\(text) holds no certificate in PEM, or one that cannot be read"))
            }
            return authorities
        } catch {
            report(node.problem("\(text) cannot be read: \(error)"))
            return nil
        }
    }

    /// One of `api_key_file`, `api_key_env`, `api_key`. By default, the systemd credential `<account>.key`, or the
    /// sandbox's own key.
    private mutating func keySource(account: String, provider: AccountProvider) -> KeySource {
        let file = keyFile("api_key_file")
        let variable = text("api_key_env").map(KeySource.environment)
        let inline = text("api_key").map { KeySource.inline(Secret($0)) }
        let given = [file, variable, inline].compactMap(\.self)
        if given.count > 1 { report(node.problem("give one of api_key_file, api_key_env and api_key")) }
        if let first = given.first { return first }
        return provider == .sandbox ? .inline(Secret("pb_live_sandbox")) : .credential("\(account).key")
    }
}

extension ConfigurationMapping {
    /// The file of a secret: an absolute path, or the name of a systemd credential.
    mutating func keyFile(_ name: String) -> KeySource? {
        let expected = "an absolute path, or the name of a systemd credential"
        // Not quoted: the text may be the secret itself, given in place of its file's name.
        return value(name, expected: expected, isQuoted: false) { text -> KeySource? in
            if let path = ConfiguredPath.read(text) { return .file(path) }
            return text.isEmpty || text.hasControls || text.contains("/") ? nil : .credential(text)
        }
    }
}

extension ConfigurationMapping: ProviderKeys {}

/// What has to be known of an API's address before it is used.
struct BaseURL {
    let isSecure: Bool
    let host: String

    /// Nil for a text that is not `http(s)://host[:port][/path]`.
    init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "https" || parts[0] == "http" else { return nil }
        guard !text.contains(where: { "?#@\\".contains($0) || !$0.isASCII || $0.isWhitespace }) else { return nil }
        isSecure = parts[0] == "https"
        let authority = parts[1].prefix { $0 != "/" }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[...end])
        } else {
            host = String(authority.prefix { $0 != ":" })
        }
        let port = authority.dropFirst(host.count)
        guard !host.isEmpty, port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil) else { return nil }
    }

    /// The loopback names and addresses.
    var isThisMachine: Bool {
        host == "localhost" || host == "[::1]"
            || (host.hasPrefix("127.") && isAddress)
    }

    /// Four numbers and nothing else: `127.0.0.1.example` is a name that anybody may own.
    private var isAddress: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.allSatisfy(\.isNumber) && UInt8($0) != nil }
    }
}
