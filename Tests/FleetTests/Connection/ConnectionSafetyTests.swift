import Testing

@testable import Fleet

/// Which connections are safe without TLS.
struct ConnectionSafetyTests {
    @Test(arguments: [
        [:], ["host": ""], ["host": "/run/postgresql"], ["host": "@abstract"], ["host": "localhost"],
        ["host": "127.0.0.1"], ["host": "127.8.9.1"], ["host": "::1"], ["host": "/run/a,localhost"],
        ["hostaddr": "127.0.0.1"], ["host": "db.example", "hostaddr": "127.0.0.1"],
    ])
    func `this machine is safe`(_ settings: [String: String]) {
        #expect(ConnectionSafety.objection(to: settings) == nil)
    }

    @Test(arguments: [
        ["host": "db.example"], ["host": "localhost.example"], ["host": "127.0.0.1.example"], ["host": "192.0.2.1"],
        ["host": "2001:db8::1"], ["host": "localhost,db.example"], ["host": "db.example,"], ["hostaddr": "192.0.2.1"],
        ["host": "localhost", "hostaddr": "192.0.2.1"], ["host": "/run", "hostaddr": ",192.0.2.1"],
    ])
    func `the network is safe with a check of the certificate alone`(_ settings: [String: String]) {
        for mode in [nil, "disable", "prefer", "require", "verify-ca"] {
            let objection = ConnectionSafety.objection(
                to: settings.merging(["sslmode": mode].compactMapValues(\.self)) { $1 }
            )
            #expect(objection?.contains("sslmode=verify-full") == true)
        }
        let verified = settings.merging(["sslmode": "verify-full"]) { $1 }
        #expect(ConnectionSafety.objection(to: verified) == nil)
    }
}
