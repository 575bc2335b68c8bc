import Testing

@testable import Pipeline

@Suite struct JSONTests {
    @Test func `two values are equal if their bytes are`() {
        #expect(JSON.string("caf\u{E9}") == "caf\u{E9}")
        #expect(JSON.string("caf\u{E9}") != "cafe\u{301}")
        #expect(JSON.object([JSON.Member("caf\u{E9}", .null)]) != .object([JSON.Member("cafe\u{301}", .null)]))
        #expect(JSON.number("1") != .number("1.0") && JSON.number("1") != "1" && JSON.null != .array([]))
        #expect(JSON.object(["a": JSON.integer(1), "b": nil]) == .object([JSON.Member("a", .integer(1))]))
    }

    @Test func `a value of another type reads as nil`() {
        let values: [JSON] = [.null, .bool(true), .integer(5), "x", .array(["a", .null, "b"]), .object(["a": .null])]

        #expect(values.map(\.bool) == [nil, true, nil, nil, nil, nil])
        #expect(values.map(\.int64) == [nil, nil, 5, nil, nil, nil])
        #expect(values.map(\.string) == [nil, nil, nil, "x", nil, nil])
        #expect(values.map(\.strings) == [nil, nil, nil, nil, ["a", "b"], nil])
        #expect(values.map { $0.members?.map(\.name) } == [nil, nil, nil, nil, nil, ["a"]])
    }

    @Test(arguments: [
        ("5", 5), ("5.0", 5), ("5e0", 5), ("-50e-1", -5), ("9223372036854775807", Int64.max), ("5.5", nil),
        ("1e300", nil),
    ])
    func `a whole number may have a fraction of zeros and an exponent`(digits: String, number: Int64?) {
        #expect(JSON.number(digits).int64 == number)
    }
}
