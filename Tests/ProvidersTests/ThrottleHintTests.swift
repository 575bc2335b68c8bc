import Pipeline
import Testing

@testable import Providers

struct ThrottleHintTests {
    /// 2026-11-22T10:15:30Z.
    private let now = Timestamp(milliseconds: 1_795_342_530_000)

    private func wait(_ headers: [HeaderField] = [], body: String = "{}") -> Duration? {
        ThrottleHint.wait(for: TransferAnswer(status: 429, headers: headers), body: parsed(body), now: now)
    }

    @Test func `Retry-After is read as seconds and as a date`() {
        #expect(wait([HeaderField("Retry-After", "7")]) == .seconds(7))
        #expect(wait([HeaderField("Retry-After", "1.5")]) == .milliseconds(1500))
        #expect(wait([HeaderField("Retry-After", "Sun, 22 Nov 2026 10:16:00 GMT")]) == .seconds(30))
    }

    @Test(arguments: ["2026-11-22T10:15:50Z", "1795342550", "1795342550000", "20"])
    func `X-RateLimit-Reset is read as ISO 8601, Unix seconds, milliseconds and seconds from now`(value: String) {
        #expect(wait([HeaderField("X-RateLimit-Reset", value)]) == .seconds(20))
    }

    @Test(arguments: [
        #"{"retryAfterMs":2500}"#, #"{"retryAfterMs":"2500.0"}"#, #"{"holdUntil":"2026-11-22T10:15:32.500Z"}"#,
        #"{"holdUntil":1795342532500}"#,
    ])
    func `the body's retryAfterMs and holdUntil are read`(body: String) {
        #expect(wait(body: body) == .milliseconds(2500))
    }

    @Test(arguments: [
        #"{"error":{"retryAfterMs":2500}}"#, #"{"details":{"holdUntil":"2026-11-22T10:15:32.500Z"}}"#,
    ])
    func `they may stand one level deeper`(body: String) {
        #expect(wait(body: body) == .milliseconds(2500))
    }

    @Test func `a moment that has passed gives way to one that is to come`() {
        let headers = [HeaderField("Retry-After", "0"), HeaderField("X-RateLimit-Reset", "1795342550")]

        #expect(wait(headers) == .seconds(20))
        #expect(wait([HeaderField("Retry-After", "0")]) == .zero)
    }

    @Test func `Retry-After goes before all others`() {
        let headers = [HeaderField("X-RateLimit-Reset", "99"), HeaderField("Retry-After", "3")]

        #expect(wait(headers, body: #"{"retryAfterMs":9000}"#) == .seconds(3))
    }

    @Test func `moments are compared with the server's clock`() {
        let headers = [
            HeaderField("Date", "Sun, 22 Nov 2026 08:00:00 GMT"),
            HeaderField("X-RateLimit-Reset", "2026-11-22T08:00:05Z"),
        ]

        #expect(wait(headers) == .seconds(5))
    }

    @Test func `what has passed is no wait, and what is far is a day`() {
        #expect(wait([HeaderField("X-RateLimit-Reset", "2020-01-01T00:00:00Z")]) == .zero)
        #expect(wait([HeaderField("Retry-After", "1e8")]) == .seconds(86_400))
    }

    @Test func `where nothing readable tells there is no hint`() {
        #expect(wait() == nil)
        #expect(wait([HeaderField("Retry-After", "later")], body: #"{"holdUntil":"tomorrow"}"#) == nil)
    }
}
