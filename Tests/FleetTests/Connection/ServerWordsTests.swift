import Testing

@testable import Fleet

/// What libpq says of a failed connection.
struct ServerWordsTests {
    @Test func `the code is taken out of a server's error, with the place in its source`() {
        let words = ServerWords(
            """
            connection to server on socket "/run/.s.PGSQL.5432" failed: FATAL:  28P01: password authentication failed
            LOCATION:  auth_failed, auth.c:326

            """
        )

        #expect(words.sqlState == "28P01")
        #expect(
            words.words
                == "connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL: password authentication failed"
        )
    }

    @Test func `a text without a code stays as it is, in one line`() {
        let words = ServerWords("connection failed: Connection refused\n\tIs the server running?\n")

        #expect(words == ServerWords("connection failed: Connection refused Is the server running?"))
        #expect(words.sqlState == nil)
    }

    @Test func `what the server quotes is not taken for a code`() {
        let words = ServerWords(#"failed: FATAL:  3D000: database "a:  28P01: b" does not exist"#)

        #expect(words.sqlState == "3D000")
        #expect(words.words.contains("28P01"))
    }

    @Test func `of several servers the last code counts`() {
        let words = ServerWords("a failed: FATAL:  57P03: starting up\nb failed: FATAL:  28000: no entry\n")

        #expect(words.sqlState == "28000")
    }
}
