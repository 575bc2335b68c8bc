import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Fleet

/// A connection over TLS to a real server.
@Suite(.timeLimit(.minutes(2)))
struct SafeConnectionTests {
    private static let certificates = Result { try TestCertificates() }
    private static let good = Task { try await server(.good) }

    @Test func `a server with the right certificate is taken`() async throws {
        let place = try await Place(Self.good.value, authority: Self.certificates.get().authority)

        let cipher = try await connected(to: try settings(place.text)) { database in
            _ = try await database.connections(after: 0)
            return try await database.run("SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()").rows[0].text(0)
        }

        #expect(cipher?.isEmpty == false)
    }

    @Test func `another authority is refused`() async throws {
        let place = try await Place(Self.good.value, authority: try TestCertificates().authority)

        let error = try await refusal(try settings(place.text))

        #expect(error.kind == .refused)
        #expect(error.reason.contains("certificate verify failed"))
        #expect(error.reason.contains("sslrootcert="))
    }

    @Test func `another name than the certificate's is refused`() async throws {
        let place = try await Place(Self.good.value, authority: Self.certificates.get().authority, name: "db.test")

        let error = try await refusal(try settings(place.text))

        #expect(error.kind == .refused)
        #expect(error.reason.contains("db.test"))
        #expect(error.reason.contains("host="))
    }

    @Test func `a certificate that has expired is refused`() async throws {
        let server = try await Self.server(.expired)
        let place = try await Place(server, authority: Self.certificates.get().authority)

        #expect(try await refusal(try settings(place.text)).kind == .refused)
    }

    @Test func `an authority's file that is not there is told`() async throws {
        let place = try await Place(Self.good.value, authority: Self.certificates.get().authority)

        let error = try await refusal(try settings("\(place.text) sslrootcert=/nowhere/ca.pem"))

        #expect(error.reason.contains("/nowhere/ca.pem"))
    }

    @Test func `a service file without a check of the certificate is refused before anything is sent`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "service",
            "[fleet]\nhost=db.test\nhostaddr=192.0.2.1\ndbname=a\nuser=a\nsslmode=require\n"
        )

        // libpq finds the file by the environment, which only a process of its own may change.
        let path = file.string
        await #expect(processExitsWith: .success) { [path = path as String] in
            setenv("PGSERVICEFILE", path, 1)

            let error = try await refusal(try settings("service=fleet"))

            #expect(error.kind == .unsafe)
            #expect(error.reason.contains("sslmode=verify-full instead of sslmode=require"))
        }
    }

    private static func server(_ kind: TestCertificates.Kind) async throws -> PostgresServer {
        let server = try await PostgresServer(try certificates.get(), kind)
        try await server.sql("CREATE ROLE fleet LOGIN PASSWORD 'secret'")
        return server
    }

    /// The files of one client, and the text that leads to the server.
    private struct Place {
        let text: String
        private let directory: TemporaryDirectory

        init(_ server: PostgresServer, authority: String, name: String = "localhost") async throws {
            directory = try TemporaryDirectory()
            let root = try directory.write("ca.pem", authority)
            let pass = try directory.write("pass", "*:*:*:*:secret\n")
            try directory.setMode(of: "pass", to: 0o600)
            text = """
                host=\(name) hostaddr=127.0.0.1 port=\(try #require(server.port)) dbname=postgres user=fleet \
                sslmode=verify-full sslrootcert=\(root) passfile=\(pass)
                """
        }
    }
}
