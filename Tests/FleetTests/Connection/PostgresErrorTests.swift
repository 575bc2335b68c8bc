import Testing

@testable import Fleet

/// Which kind of error a code of the server is.
struct PostgresErrorTests {
    @Test(arguments: [
        ("3D000", PostgresError.Kind.noDatabase), ("3F000", .noSchema), ("42P01", .noSchema), ("42501", .noRight),
        ("25006", .readOnly), ("53100", .full), ("53200", .full), ("40001", .busy), ("40P01", .busy), ("55P03", .busy),
        ("57014", .busy), ("22012", .gate), ("28P01", .refused), ("28000", .refused), ("53300", .unreachable),
        ("57P01", .unreachable), ("57P03", .unreachable), ("08006", .unreachable), ("23505", .other),
        ("XX000", .other),
    ])
    func `the kind follows from the code`(_ code: String, _ kind: PostgresError.Kind) {
        #expect(PostgresError.Kind(sqlState: code) == kind)
    }

    @Test func `the reason has the server's words, what to do, and no line end`() {
        let error = PostgresError(sqlState: "42501", message: "permission denied\u{1B}[31m")

        #expect(error.reason.contains("permission denied"))
        #expect(error.reason.contains("outtray fleet init --role"))
        #expect(!error.reason.contains("\u{1B}"))
    }

    @Test func `a connection that was lost without a word has a whole sentence`() {
        #expect(PostgresError(lostWith: nil).reason == "the connection to the fleet's database was lost")
    }
}
