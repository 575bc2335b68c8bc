import TestSupport
import Testing

@testable import Fleet

/// What goes to the server comes back from it.
@Suite(.timeLimit(.minutes(2)))
struct ValuesTests {
    static let strange = ["", "a", "NULL", "{,}", #"a"b\c"#, " x ", "é\u{301}\n", "\"\u{301}", "日本", "'"]
    static let allBytes = Array(UInt8.min ... .max)

    @Test func `each type of a parameter comes back as it went`() async throws {
        let row = try await connected { database in
            try await database.run(
                "SELECT $1::text, $2::bigint, $3::bytea, $4::boolean, $5::text, $6::bytea",
                [.text(#"a"b\c'é"#), .integer(.min), .bytes(Self.allBytes), .boolean(true), .null, .bytes([])]
            ).rows[0]
        }

        #expect(try row.text(0) == #"a"b\c'é"#)
        #expect(try row.integer(1) == .min)
        #expect(try row.bytes(2) == Self.allBytes)
        #expect(try row.boolean(3) == true)
        #expect(try row.text(4) == nil)
        #expect(try row.bytes(5) == [])
    }

    @Test func `each element of a list comes back as it went`() async throws {
        let answer = try await connected { database in
            try await database.run(
                """
                SELECT * FROM unnest($1::text[]) WITH ORDINALITY AS t(text, at) FULL JOIN
                unnest($2::bigint[], $3::bytea[], $4::boolean[]) WITH ORDINALITY AS u(a, b, c, at) USING (at) ORDER BY at
                """,
                [
                    .texts(Self.strange + [nil]), .integers([1, nil, .max]),
                    .byteStrings([Self.allBytes, [], nil]), .booleans([true, false, nil]),
                ]
            )
        }

        #expect(try answer.rows.map { row throws(PostgresError) in try row.text(1) } == Self.strange + [nil])
        let three = answer.rows.prefix(3)
        #expect(try three.map { row throws(PostgresError) in try row.integer(2) } == [1, nil, .max])
        #expect(try three.map { row throws(PostgresError) in try row.bytes(3) } == [Self.allBytes, [], nil])
        #expect(try three.map { row throws(PostgresError) in try row.boolean(4) } == [true, false, nil])
    }

    @Test func `an empty list is an empty array`() async throws {
        let answer = try await connected { try await $0.run("SELECT * FROM unnest($1::text[])", [.texts([])]) }

        #expect(answer.rows.isEmpty)
    }

    @Test func `a value that no socket takes at once comes back whole`() async throws {
        let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let row = try await connected { try await $0.run("SELECT $1::bytea", [.bytes(large)]).rows[0] }

        #expect(try row.bytes(0) == large)
    }

    @Test func `more parameters than the protocol has are refused, and the connection stays`() async throws {
        try await connected { database in
            let many = Array(repeating: Parameter.null, count: 65_536)
            #expect(await failure(database, [Statement("SELECT 1", many)])?.kind == .other)
            let count = try await database.connections(after: 0)
            #expect(count == 1)
        }
    }

    @Test func `a value of another type is an error`() {
        let row = Row([Array("x".utf8), Array(#"\x1"#.utf8), [0xFF], Array("99999999999999999999".utf8)])

        #expect(throws: PostgresError.self) { try row.integer(0) }
        #expect(throws: PostgresError.self) { try row.boolean(0) }
        #expect(throws: PostgresError.self) { try row.bytes(0) }
        #expect(throws: PostgresError.self) { try row.bytes(1) }
        #expect(throws: PostgresError.self) { try row.text(2) }
        #expect(throws: PostgresError.self) { try row.integer(3) }
        #expect(throws: PostgresError.self) { try row.text(4) }
    }

    @Test func `a text with a NUL is refused, and nothing is cut short`() async throws {
        try await connected { database in
            let error = await failure(database, [Statement("SELECT $1::text", [.text("a\0b")])])
            #expect(error?.kind == .other)
            let list = await failure(database, [Statement("SELECT $1::text[]", [.texts(["a\0b"])])])
            #expect(list?.kind == .other)
        }
    }

    @Test func `values look the same whatever the database has by default`() async throws {
        let row = try await connected { database in
            _ = try await database.run(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET bytea_output = escape', current_database());
                EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$
                """
            )
            let end = [Statement("SELECT pg_terminate_backend(pg_backend_pid())")]
            #expect(await failure(database, end)?.kind == .unreachable)
            _ = try await database.connections(after: 1)
            return try await database.run("SELECT '\\x00ff'::bytea, '2026-01-02 03:04:05+00'::timestamptz").rows[0]
        }

        #expect(try row.bytes(0) == [0, 0xFF])
        #expect(try row.text(1) == "2026-01-02 03:04:05+00")
    }
}
