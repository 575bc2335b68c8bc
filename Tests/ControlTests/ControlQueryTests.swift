import Pipeline
import SystemPackage
import Testing

@testable import Control

struct ControlQueryTests {
    @Test func `values are had as text, number, choice, flag and path`() throws {
        let query = try ControlQuery("q=a+b%26c&limit=12&state=queued&follow=1&path=/in/%FF%25.jpg&empty")

        #expect(try query.text("q") == "a b&c")
        #expect(try query.number("limit", in: 1...100) == 12)
        #expect(try query.choice("state", of: FileState.self) == .queued)
        #expect(try query.flag("follow"))
        #expect(try query.path("path") == FilePath(bytes: Array("/in/".utf8) + [0xFF] + Array("%.jpg".utf8)))
        #expect(try query.text("empty")?.isEmpty == true)
        #expect(try query.text("other") == nil)
        #expect(try query.number("other", in: 1...2) == nil)
        #expect(try query.flag("other") == false)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "%F=1", "a=1&a=2", "%61=1&a=2"])
    func `what cannot be meant is refused`(text: String) {
        #expect(throws: ControlError.self) { try ControlQuery(text) }
    }

    @Test func `a parameter of another name or value is refused, with those that may be`() throws {
        let query = try ControlQuery("stat=queued&limit=0&state=quued&follow=yes&path=in/a.jpg&bytes=%FF&null=/%00")

        #expect(throws: ControlError(.invalid, "there is no parameter bytes", hint: "the parameters are: stat")) {
            try query.allow("stat")
        }
        #expect(throws: ControlError.self) { try query.number("limit", in: 1...100) }
        #expect(throws: ControlError.self) { try query.choice("state", of: FileState.self) }
        #expect(throws: ControlError.self) { try query.flag("follow") }
        #expect(throws: ControlError.self) { try query.path("path") }
        #expect(throws: ControlError.self) { try query.path("null") }
        #expect(throws: ControlError.self) { try query.text("bytes") }
    }

    @Test func `any bytes come back from their encoding`() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(PercentCode.decode(PercentCode.encode(all)) == all)
        #expect(PercentCode.encode("a/b c".utf8, keeping: "/") == "a/b%20c")
    }
}
