import Pipeline
import Testing

@testable import Providers

struct APIRefusalTests {
    private func error(_ status: Int, _ body: String, headers: [HeaderField] = []) -> ProviderError {
        let answer = TransferAnswer(status: status, headers: headers, body: Array(body.utf8))
        return APIRefusal.error(for: answer, from: "postbreeze")
    }

    @Test(arguments: [400, 413, 415, 422])
    func `a refused file has the server's own words and the request id`(status: Int) {
        let error = error(
            status,
            #"{"statusCode":400,"code":"VALIDATION_FAILED","message":"Bad type","requestId":"r1"}"#
        )

        #expect(error.kind == .refusedFile)
        #expect(error.status == status)
        #expect(error.requestID == "r1")
        #expect(error.reason == "postbreeze answered \(status): Bad type (VALIDATION_FAILED)")
    }

    @Test(arguments: [400, 413, 415, 422])
    func `what is none of the API's shapes is no verdict on a file`(status: Int) {
        let bodies = [
            "<html><h1>400 The plain HTTP request was sent to HTTPS port</h1></html>",
            "Client sent an HTTP request to an HTTPS server.", "", "[]", "{}", #"{"timestamp":1,"path":"/"}"#,
            "\u{1F}\u{8B}\u{8}\u{0}", "<Error><Code>InvalidRequest</Code></Error>",
        ]

        for body in bodies { #expect(error(status, body).kind == .outOfOrder, "\(body)") }
        #expect(error(status, bodies[6]).reason == "postbreeze answered \(status) with what cannot be read")
        let gzip = [HeaderField("Content-Encoding", "gzip")]
        #expect(error(status, #"{"message":"x"}"#, headers: gzip).kind == .outOfOrder)
    }

    @Test func `a firewall's page says nothing of the key`() {
        #expect(error(403, "<!DOCTYPE html><title>Attention Required!</title>").kind == .outOfOrder)
        #expect(error(403, "Forbidden").kind == .refusedKey)
        #expect(error(401, "<html>").kind == .refusedKey)
    }

    @Test func `a message that does not print is told so that it does`() {
        let reason = error(400, #"{"message":"a\u001b[2Jb\u202Ec\nlevel=error d"}"#).reason

        #expect(!reason.unicodeScalars.contains(where: PlainText.isHidden))
        #expect(reason.hasPrefix("postbreeze answered 400: a"))
    }

    @Test(arguments: [401, 403])
    func `a refused key is the account's matter`(status: Int) {
        #expect(error(status, #"{"message":"Unauthorized"}"#).kind == .refusedKey)
        #expect(error(status, "").kind == .refusedKey)
    }

    @Test func `STORAGE_LIMIT is a quota, not a refused key`() {
        #expect(error(403, #"{"code":"STORAGE_LIMIT","message":"Full","limit":10,"current":10}"#).kind == .quota)
        #expect(error(403, #"{"code":"PLAN_LIMIT_POSTS","message":"Upgrade"}"#).kind == .quota)
    }

    @Test func `a 429 is throttled for as long as it says`() {
        #expect(error(429, "", headers: [HeaderField("Retry-After", "12")]).kind == .throttled(.seconds(12)))
        #expect(error(429, #"{"retryAfterMs":300}"#).kind == .throttled(.milliseconds(300)))
        #expect(error(429, "slow down").kind == .throttled(nil))
        #expect(error(429, "", headers: [HeaderField("Retry-After", "0")]).kind == .throttled(.seconds(1)))
        let headers = [
            HeaderField("Date", "Sun, 22 Nov 2026 10:15:30 GMT"), HeaderField("X-RateLimit-Reset", "1795342550000"),
        ]
        #expect(error(429, #"{"success":false,"error":"Slow"}"#, headers: headers).kind == .throttled(.seconds(20)))
        let hold = #"{"success":false,"code":"HOLD","message":"Wait","holdUntil":"2026-11-22T10:15:35Z"}"#
        #expect(error(429, hold, headers: headers).kind == .throttled(.seconds(5)))
    }

    @Test(arguments: [408, 500, 502, 503, 504, 529])
    func `what may pass is transient`(status: Int) {
        #expect(error(status, "<html><title>Oops</title></html>").kind == .transient)
        #expect(error(status, "<html><title>Oops</title></html>").reason == "postbreeze answered \(status): Oops")
        #expect(error(status, "").reason == "postbreeze answered \(status)")
    }

    @Test(arguments: [501, 505, 506, 508, 510])
    func `what the server does not do at all does not pass, and is no verdict on a file`(status: Int) {
        #expect(error(status, #"{"message":"Not implemented"}"#).kind == .unexpectedAnswer)
        #expect(error(status, "<html><title>Not implemented</title></html>").kind == .outOfOrder)
        #expect(error(status, "").kind == .outOfOrder)
        #expect(error(511, #"{"message":"Sign in"}"#).kind == .outOfOrder)
    }

    @Test(arguments: [404, 405, 418])
    func `all else is unexpected, and not from the API where it has none of its shapes`(status: Int) {
        #expect(error(status, #"{"message":"Cannot POST /media/presign"}"#).kind == .unexpectedAnswer)
        #expect(error(status, "").kind == .outOfOrder)
    }

    @Test(arguments: [101, 301, 302, 307, 308])
    func `a redirect and another protocol are not the API's`(status: Int) {
        #expect(error(status, "").kind == .outOfOrder)
    }

    @Test func `a failure under a 200 is judged by its code and the status it tells`() {
        #expect(error(200, #"{"success":false,"error":{"name":"ZodError","issues":[]}}"#).kind == .refusedFile)
        #expect(error(200, #"{"success":false,"code":"STORAGE_LIMIT","message":"Full"}"#).kind == .quota)
        #expect(error(200, #"{"success":false,"statusCode":401,"message":"Bad key"}"#).kind == .refusedKey)
        #expect(error(200, #"{"success":false,"error":"Odd"}"#).kind == .unexpectedAnswer)
    }
}

struct StorageRefusalTests {
    private func error(_ status: Int, _ body: String = "", headers: [HeaderField] = []) -> ProviderError {
        StorageRefusal.error(for: TransferAnswer(status: status, headers: headers, body: Array(body.utf8)))
    }

    private func xml(_ code: String, _ message: String = "M") -> String {
        "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>\(message)</Message><RequestId>R1</RequestId></Error>"
    }

    @Test(arguments: [400, 403])
    func `ExpiredRequest is an expired ticket under both statuses`(status: Int) {
        #expect(error(status, xml("ExpiredRequest")).kind == .expiredTicket)
    }

    /// Under both statuses that the APIs' tables name, and in each shape that bodies come in.
    @Test(arguments: [400, 401, 403])
    func `"Request has expired" is an expired ticket in XML, JSON, HTML and plain text`(status: Int) {
        let bodies = [
            xml("AccessDenied", "Request has expired"), xml("ExpiredRequest", "Odd"),
            #"{"code":"AccessDenied","message":"Request has expired"}"#, #"{"error":{"code":"ExpiredRequest"}}"#,
            "<html><title>Signed URL has EXPIRED</title></html>", "Request has expired",
            #"<?xml version="1.0"?><Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>ExpiredRequest</Code></Error>"#,
        ]

        for body in bodies { #expect(error(status, body).kind == .expiredTicket, "\(body)") }
    }

    /// A storage and an API whose clocks differ; the first is rclone's case.
    @Test(arguments: [
        (400, "AccessDenied", "The request time is invalid."), (403, "AccessDenied", "Request is not valid yet"),
        (403, "AccessDenied", "Request is not yet valid"),
        (403, "RequestTimeTooSkewed", "The difference between the request time and the server's time is too large."),
        (400, "RequestExpired", "M"),
    ])
    func `a URL whose time is not now is an expired ticket`(status: Int, code: String, message: String) {
        #expect(error(status, xml(code, message)).kind == .expiredTicket)
    }

    @Test(arguments: [(404, "NoSuchBucket"), (403, "InvalidAccessKeyId"), (403, "AllAccessDisabled")])
    func `a storage that is not there is the account's matter`(status: Int, code: String) {
        #expect(error(status, xml(code)).kind == .outOfOrder)
    }

    @Test(arguments: [400, 401, 403, 404, 415, 422])
    func `a page is none of a storage, and no verdict`(status: Int) {
        #expect(error(status, "<html><title>Access denied</title></html>").kind == .outOfOrder)
        #expect(error(status, "\u{1F}\u{8B}\u{8}").kind == .outOfOrder)
    }

    @Test func `what is too large for a proxy is too large`() {
        #expect(error(413, "<html><title>413 Request Entity Too Large</title></html>").kind == .refusedFile)
    }

    @Test func `entities are told as the characters that they stand for`() {
        let told = error(
            403,
            xml("AccessDenied", "the bucket&#39;s key &#x201C;a&#8221; &lt;b&gt; &amp;#39; &bogus; & &#xFFFFFFF;")
        )

        #expect(
            told.reason
                == "the storage answered 403: the bucket's key \u{201C}a\u{201D} <b> &#39; &bogus; & &#xFFFFFFF; (AccessDenied)"
        )
    }

    @Test func `what says that it has expired is an expired ticket`() {
        #expect(error(403, xml("AccessDenied", "Request has expired")).kind == .expiredTicket)
        #expect(error(403, "Signed URL has expired").kind == .expiredTicket)
        #expect(error(401, #"{"error":"Signed URL has expired"}"#).kind == .expiredTicket)
        #expect(error(410).kind == .expiredTicket)
    }

    @Test func `a signature that does not fit is a refused ticket`() {
        #expect(error(403, xml("SignatureDoesNotMatch")).kind == .refusedTicket)
        #expect(error(403, xml("AccessDenied", "Access denied")).kind == .refusedTicket)
        #expect(error(404, xml("NoSuchUpload")).kind == .refusedTicket)
    }

    @Test(arguments: ["", "Unauthorized", "<Error><Code>Unauthorized</Code></Error>"])
    func `the storage's 401 is not the API's`(body: String) {
        #expect(error(401, body).kind == .refusedTicket)
    }

    @Test(arguments: ["IncompleteBody", "ClientDisconnect"])
    func `a body that was short is interrupted`(code: String) {
        let error = error(400, xml(code, "You did not provide the number of bytes"))

        #expect(error.kind == .interruptedBody)
        #expect(error.reason == "the storage answered 400: You did not provide the number of bytes (\(code))")
        #expect(error.requestID == "R1")
    }

    @Test func `what is too large or too small is a refused file`() {
        #expect(error(400, xml("EntityTooLarge")).kind == .refusedFile)
        #expect(error(400, xml("EntityTooSmall")).kind == .refusedFile)
        #expect(error(413).kind == .refusedFile)
    }

    @Test(arguments: ["BadDigest", "XAmzContentSHA256Mismatch"])
    func `bytes that arrived as others were interrupted`(code: String) {
        #expect(error(400, xml(code)).kind == .interruptedBody)
    }

    @Test(arguments: [501, 505, 506, 508, 510])
    func `what the storage does not do at all does not pass, and is no verdict on a file`(status: Int) {
        #expect(error(status, xml("NotImplemented")).kind == .unexpectedAnswer)
        #expect(error(status).kind == .unexpectedAnswer)
        #expect(error(status, "<html><title>Not implemented</title></html>").kind == .outOfOrder)
        #expect(error(511, "<html><title>Sign in</title></html>").kind == .outOfOrder)
    }

    @Test(arguments: [(400, "InvalidArgument"), (411, "MissingContentLength"), (307, "TemporaryRedirect")])
    func `what is nobody's fault but ours is unexpected`(status: Int, code: String) {
        #expect(error(status, xml(code)).kind == .unexpectedAnswer)
    }

    @Test func `a redirect is told without its query`() {
        let error = error(307, headers: [HeaderField("Location", "https://b.example/k?X-Amz-Signature=secret")])

        #expect(error.reason == "the storage answered 307: a redirect to https://b.example, which is not followed")
        #expect(error.kind == .outOfOrder)
        let relative = self.error(302, headers: [HeaderField("Location", "/login?token=secret")])
        #expect(relative.reason == "the storage answered 302: a redirect to another path, which is not followed")
        #expect(self.error(302).reason == "the storage answered 302: a redirect, which is not followed")
    }

    @Test func `a 429 waits at least a second, whatever its code`() {
        #expect(error(429, xml("TooManyRequests")).kind == .throttled(.seconds(1)))
        #expect(error(429, xml("ServiceUnavailable")).kind == .throttled(.seconds(1)))
        #expect(error(429, headers: [HeaderField("Retry-After", "5")]).kind == .throttled(.seconds(5)))
    }

    @Test(arguments: [
        (500, "InternalError"), (503, "ServiceUnavailable"), (503, "SlowDown"), (400, "RequestTimeout"), (504, ""),
    ])
    func `what may pass is transient`(status: Int, code: String) {
        #expect(error(status, xml(code)).kind == .transient)
    }
}
