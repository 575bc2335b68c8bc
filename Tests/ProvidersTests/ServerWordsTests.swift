import Pipeline
import Testing

@testable import Providers

struct ServerWordsTests {
    private func words(_ body: String, headers: [HeaderField] = []) -> ServerWords {
        ServerWords(TransferAnswer(status: 400, headers: headers, body: Array(body.utf8)))
    }

    @Test func `code, message and request id are read`() {
        let words = words(#"{"statusCode":400,"code":"VALIDATION_FAILED","message":"Too long.","requestId":"req_1"}"#)

        #expect(words.code == "VALIDATION_FAILED")
        #expect(words.message == "Too long")
        #expect(words.requestID == "req_1")
        #expect(words.sentence == "Too long (VALIDATION_FAILED)")
    }

    @Test func `a message may be a list of strings`() {
        #expect(
            words(#"{"message":["a must be b","c is missing"],"error":"Bad Request"}"#).message
                == "a must be b; c is missing"
        )
    }

    @Test func `an error may be a string`() {
        #expect(words(#"{"error":"No such account"}"#).sentence == "No such account")
        #expect(words(#"{"success":false,"error":"No such account"}"#).sentence == "No such account")
    }

    @Test func `an error may be a ZodError with issues`() {
        let body = #"""
            {"success":false,"error":{"name":"ZodError","issues":[
            {"path":["fileSize"],"message":"Expected number"},{"path":["a",0],"message":"Required"},{"message":"Odd"}]}}
            """#
        let words = words(body)

        #expect(words.code == "ZodError")
        #expect(words.message == "fileSize: Expected number; a.0: Required; Odd")
    }

    @Test func `an error may be an object with a message`() {
        #expect(words(#"{"error":{"code":"E1","message":"No"}}"#).sentence == "No (E1)")
    }

    @Test func `limits that are told are passed on`() {
        #expect(words(#"{"message":"Too big","limit":5,"current":"7"}"#).message == "Too big [limit 5, current 7]")
    }

    @Test func `XML of a storage is read`() {
        let body = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>AccessDenied</Code><Message>Request &quot;x&quot; has expired</Message><RequestId>R7</RequestId>
            <StringToSign>secret</StringToSign></Error>
            """
        let words = words(body)

        #expect(words.code == "AccessDenied")
        #expect(words.message == "Request \"x\" has expired")
        #expect(words.requestID == "R7")
    }

    @Test func `HTML is read by its title, else by its text`() {
        #expect(
            words("<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>").sentence
                == "502 Bad Gateway"
        )
        #expect(words("<p>upstream <b>died</b></p>").sentence == "upstream died")
    }

    @Test func `plain text is taken as it is, and nothing is nothing`() {
        #expect(words("upstream connect error").sentence == "upstream connect error")
        #expect(words("").sentence == nil)
        #expect(words(" \r\n").sentence == nil)
        #expect(words("{}").sentence == nil)
        #expect(words("<>").sentence == nil)
    }

    @Test func `huge words are cut, and control characters dropped`() {
        #expect(words(String(repeating: "word ", count: 10_000)).sentence?.count == 401)
        #expect(words("a\u{0}b\u{1B}[31m").sentence == "a b [31m")
    }

    @Test func `code and request id are one short line, too`() {
        let words = words(#"{"code":"A\nB","message":"m","requestId":"\#(String(repeating: "r", count: 9999))\r\n"}"#)

        #expect(words.code == "A B")
        #expect(words.requestID?.count == 201)
    }

    @Test func `queries of URLs never get into the words`() {
        let words = words(#"{"message":"Cannot fetch https://u:p@host/x?X-Amz-Signature=abc, sorry"}"#)

        #expect(words.message == "Cannot fetch https://host/x sorry")
    }

    @Test func `the request id may come in a header`() {
        for name in ["X-Request-Id", "x-amz-request-id", "X-LI-UUID", "CF-RAY"] {
            #expect(words("{}", headers: [HeaderField(name, "req_2")]).requestID == "req_2")
            #expect(words("<html>oops", headers: [HeaderField(name, "req_2")]).requestID == "req_2")
        }
        #expect(words(#"{"error":{"requestId":"req_3"}}"#).requestID == "req_3")
        #expect(words(#"{"requestId":7}"#, headers: [HeaderField("CF-Ray", "r")]).requestID == "7")
    }
}
