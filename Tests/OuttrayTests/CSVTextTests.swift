import Testing

@testable import outtray

/// RFC 4180, section 2.
@Suite struct CSVTextTests {
    @Test func `a line ends with CR LF, and plain fields are bare`() {
        #expect(CSVText.row(["a", "", " b ", "é"]) == "a,, b ,é\r\n")
        #expect(CSVText.row([""]) == "\r\n")
    }

    @Test(arguments: [
        ("a,b", #""a,b""#), (#"say "x""#, #""say ""x""""#), ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""),
        ("a\r\nb", "\"a\r\nb\""), (#"["x","y"]"#, #""[""x"",""y""]""#), ("\"", #""""""#),
    ])
    func `what would part a field or a line is quoted, and quotation marks are doubled`(field: String, written: String)
    {
        #expect(CSVText.row([field, "z"]) == written + ",z\r\n")
    }
}
