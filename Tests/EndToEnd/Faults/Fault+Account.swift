import Foundation
import Sandbox

/// What an API answers that is a matter of the whole account: rate limits, keys, quotas.
extension Fault {
    /// No call comes before the time is over, then it goes on.
    static let throttles: [Fault] = [
        throttled("Retry-After in seconds", pause: .seconds(4)) { _ in
            .json(429, words, headers: ["retry-after": "4"])
        },
        throttled("retryAfterMs", pause: .milliseconds(3500)) { _ in
            .json(429, "{\"message\": \"slower\", \"retryAfterMs\": 3500}")
        },
        throttled("Retry-After as a date") { .json(429, words, headers: ["retry-after": httpDate($0.moment)]) },
        throttled("X-RateLimit-Reset in ISO 8601") {
            .json(429, words, headers: ["x-ratelimit-reset": $0.moment.formatted(.iso8601)])
        },
        throttled("X-RateLimit-Reset in Unix seconds") {
            .json(429, words, headers: ["x-ratelimit-reset": "\(Int($0.moment.timeIntervalSince1970))"])
        },
        throttled("X-RateLimit-Reset in Unix milliseconds") {
            .json(429, words, headers: ["x-ratelimit-reset": "\(Int($0.moment.timeIntervalSince1970))000"])
        },
        Fault("429, holdUntil", .connectsafely, .image, .uploaded(waits: 1), asks: 2, puts: 1, awaitsMoment: true) {
            scene in
            let until = scene.moment.formatted(.iso8601)
            let body = "{\"success\": false, \"error\": \"slower\", \"holdUntil\": \"\(until)\"}"
            return asked(.json(429, body), of: start)
        },
        Fault(
            "429 of complete",
            .connectsafely,
            .video,
            .uploaded(waits: 1),
            asks: 1,
            puts: 3,
            finishes: 2,
            pause: .seconds(2)
        ) { _ in asked(.json(429, "{\"error\": \"slower\"}", headers: ["retry-after": "2"]), of: complete) },
    ]

    /// Nothing else is sent for the account, and the file keeps its place.
    static let blocked: [Fault] = [
        stopped(
            "401 without a code",
            .json(401, "{\"statusCode\": 401, \"message\": \"Unauthorized\"}"),
            "key was refused"
        ),
        stopped(
            "403 without a code",
            .json(403, "{\"statusCode\": 403, \"message\": \"Forbidden\"}"),
            "key was refused"
        ),
        stopped(
            "403 STORAGE_LIMIT",
            .json(403, "{\"statusCode\": 403, \"code\": \"STORAGE_LIMIT\", \"message\": \"Storage limit reached\"}"),
            "storage is full"
        ),
        stopped("429 that names no time", .json(429, words), "too many calls"),
        Fault("401 of init", .connectsafely, .image, .blocked("key was refused"), asks: 1, puts: 0) { _ in
            asked(.json(401, "{\"error\": \"Invalid or missing API key\"}"), of: start, times: 9)
        },
        Fault("401 of complete", .connectsafely, .video, .blocked("key was refused"), asks: 1, puts: 3, finishes: 1) {
            _ in
            asked(.json(401, "{\"error\": \"Invalid or missing API key\"}"), of: complete, times: 9)
        },
    ]

    private static let words = "{\"statusCode\": 429, \"message\": \"Too many requests\"}"

    /// Either as long as it says, or until the moment it names.
    private static func throttled(
        _ name: String,
        pause: Duration? = nil,
        _ form: @escaping @Sendable (Scene) -> PreparedAnswer.Form
    ) -> Fault {
        Fault(
            "429, \(name)",
            .postbreeze,
            .document,
            .uploaded(waits: 1),
            asks: 2,
            puts: 1,
            pause: pause ?? .zero,
            awaitsMoment: pause == nil
        ) { scene in asked(form(scene), of: presign) }
    }

    /// As in `Sun, 22 Nov 2026 10:15:30 GMT`.
    private static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }

    private static func stopped(_ name: String, _ form: PreparedAnswer.Form, _ cause: String) -> Fault {
        Fault(name, .postbreeze, .document, .blocked(cause), asks: 1, puts: 0) { _ in asked(form, of: presign, times: 9)
        }
    }
}
