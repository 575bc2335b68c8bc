import Testing

@testable import Fleet

/// The text of `fleet.database`, and what is added to it.
struct PostgresSettingsTests {
    @Test func `what the text leaves open is set`() throws {
        let options = try settings("host=/run/postgresql dbname=outtray").options

        #expect(options["application_name"] == "outtray/ingest-1")
        #expect(options["gssencmode"] == "disable")
        #expect(options["target_session_attrs"] == "read-write")
        #expect(options["tcp_user_timeout"] == "15000")
        #expect(options["dbname"] == "outtray")
    }

    @Test func `what the text says stays`() throws {
        let options = try settings("postgresql:///outtray?application_name=mine&connect_timeout=9").options

        #expect(options["application_name"] == "mine")
        #expect(try settings("dbname=a connect_timeout=9").connectTimeout == .seconds(9))
        #expect(try settings("dbname=a connect_timeout=0").connectTimeout == .seconds(5))
    }

    @Test(arguments: [
        "host=/run dbname=a password=secret1",
        "postgresql://me:secret1@localhost/a",
        "host=/run dbname=a sslpassword='secret1'",
    ])
    func `a password in the text is refused, and not repeated`(_ text: String) {
        let error = #expect(throws: PostgresError.self) { try settings(text) }

        #expect(error?.kind == .unsafe)
        #expect(error?.reason.contains("passfile") == true)
        #expect(error?.reason.contains("secret1") == false)
    }

    @Test func `a text that libpq does not understand is told with libpq's words`() {
        let error = #expect(throws: PostgresError.self) { try settings("host=/run databse=a") }

        #expect(error?.kind == .other)
        #expect(error?.reason.contains("databse") == true)
    }

    @Test func `no part of a password that was left without quotes is repeated`() {
        let error = #expect(throws: PostgresError.self) { try settings("host=/run password=my secret1") }

        #expect(error?.kind == .other)
        #expect(error?.reason.contains("secret1") == false)
    }

    @Test func `a host over the network without a check of its certificate is refused at once`() {
        let error = #expect(throws: PostgresError.self) { try settings("host=db.example dbname=a") }

        #expect(error?.kind == .unsafe)
        #expect(error?.reason.contains("sslmode=verify-full") == true)
    }
}
