import Control
import Pipeline
import Providers
import SystemPackage

extension ConfigurationChecks {
    /// What the TCP listener is to serve, with what its files hold; nil without one. Reads the files.
    func listenPlan() throws(ConfigurationProblems) -> ListenPlan? {
        guard let listen = configuration.listen else { return nil }
        var problems: [ConfigurationError.Problem] = []
        var plan = ListenPlan(address: listen.address, serves: listen.serves, hosts: listen.hosts)
        do throws(KeyProblem) {
            plan.token = try listen.token.map { source throws(KeyProblem) in try token(in: source) }
        } catch {
            problems.append(listen.places["token_file"].saying(error.reason))
        }
        if let tls = listen.tls {
            do throws(ConfigurationProblems) {
                plan.certificate = try certificate(tls, listen.places)
            } catch {
                problems += error.list
            }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return plan
    }

    private func token(in source: KeySource) throws(KeyProblem) -> AccessToken {
        let token = try source.read(environment, in: surroundings, instead: "token_file as an absolute path").revealed
        guard token.utf8.count >= AccessToken.leastBytes else {
            throw KeyProblem(
                "the token has \(token.utf8.count) bytes, and at least \(AccessToken.leastBytes) are needed: make one "
                    + "with openssl rand -hex 16"
            )
        }
        return AccessToken(token)
    }

    private func certificate(
        _ tls: Configuration.Listen.TLS,
        _ places: ConfigurationPlaces
    ) throws(ConfigurationProblems) -> ListenerCertificate {
        let (certificatePlace, keyPlace) = (places["tls.certificate"], places["tls.key"])
        func problem(_ place: ConfigurationError.Problem, _ reason: String) -> ConfigurationProblems {
            ConfigurationProblems([place.saying(reason)])
        }
        let (certificate, key): (FilePath, FilePath)
        let keyText: String
        do throws(KeyProblem) {
            certificate = try tls.certificate.file(environment, instead: "tls.certificate as an absolute path") ?? ""
        } catch {
            throw problem(certificatePlace, error.reason)
        }
        do throws(KeyProblem) {
            key = try tls.key.file(environment, instead: "tls.key as an absolute path") ?? ""
            keyText = try KeySource.content(of: key, in: surroundings)
        } catch {
            throw problem(keyPlace, error.reason)
        }
        let chain: [UInt8]
        do {
            chain = try RegularFile.content(of: certificate, most: 1 << 20)
        } catch {
            throw problem(certificatePlace, "\(certificate) cannot be read: \(error)")
        }
        do throws(ListenerCertificate.Problem) {
            return try ListenerCertificate(certificate: chain, key: Array(keyText.utf8))
        } catch {
            switch error {
            case .certificate:
                throw problem(
                    certificatePlace,
                    "\(certificate) holds no certificate in PEM, or one that cannot be read"
                )
            case .key: throw problem(keyPlace, "\(key) holds no key in PEM, or one with a passphrase")
            case .mismatch: throw problem(keyPlace, "\(key) is not the key of the certificate in \(certificate)")
            }
        }
    }

    /// The listener's files, which the manifest must not replace.
    var listenerFiles: [(path: FilePath, what: String)] {
        let listen = configuration.listen
        return [
            (listen?.token, "the listener's token"), (listen?.tls?.certificate, "the listener's certificate"),
            (listen?.tls?.key, "the key of the listener's certificate"),
        ].compactMap { source, what in
            if case .file(let path)? = source { (path, what) } else { nil }
        }
    }
}
