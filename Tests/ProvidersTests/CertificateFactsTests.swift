import Pipeline
import Testing

@testable import Providers

/// What is said of a certificate, without a server.
struct CertificateFactsTests {
    private static let day: Int64 = 86_400_000
    private static let now = Timestamp(milliseconds: 20_000 * day)

    private func certificate(from: Int64 = -10, until: Int64 = 10, names: [String] = []) -> CertificateFacts.Certificate
    {
        CertificateFacts.Certificate(
            notBefore: Timestamp(milliseconds: (20_000 + from) * Self.day),
            notAfter: Timestamp(milliseconds: (20_000 + until) * Self.day),
            names: names
        )
    }

    private func words(
        _ failure: TLSFailure = .certificate,
        _ certificates: CertificateFacts.Certificate...,
        hasSystemAuthorities: Bool = true
    ) -> String {
        CertificateFacts(certificates: certificates)
            .words(failure, host: "h.example", at: Self.now, hasSystemAuthorities: hasSystemAuthorities)
    }

    @Test func `an expired one is told with its day, also where more is wrong`() {
        #expect(words(.certificate, certificate(until: -1)) == "the certificate of h.example has expired on 2024-10-03")
        #expect(words(.name, certificate(until: -1)).contains("has expired"))
    }

    @Test func `one that does not hold yet asks for the clock`() {
        #expect(
            words(.certificate, certificate(from: 1))
                == "the certificate of h.example holds from 2024-10-05 on; is this machine's clock right?"
        )
    }

    @Test func `one for other names tells some of them, as they print`() {
        let names = ["a.example", "b.example", "c.example", "d.example"]

        #expect(
            words(.name, certificate(names: names))
                == "the certificate of h.example is for another name (a.example, b.example, c.example)"
        )
        #expect(words(.name, certificate()) == "the certificate of h.example is for another name")
    }

    @Test func `the chain's own end is told`() {
        #expect(
            words(.certificate, certificate(), certificate(until: -2))
                == "a certificate that signs that of h.example has expired on 2024-10-02"
        )
    }

    @Test func `a machine without authorities is told what to install`() {
        #expect(words(.certificate, certificate(), hasSystemAuthorities: false).hasSuffix("install ca-certificates"))
        #expect(words(.certificate, certificate()).contains("an authority that this machine does not know"))
        #expect(words() == "the certificate of h.example is not good")
    }
}
