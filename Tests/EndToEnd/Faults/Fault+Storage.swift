import Sandbox

/// What the storages answer to a PUT: one row for each of the contract's table, and what a client must never do.
extension Fault {
    static let storage: [Fault] = [
        Fault("a PUT is stored at once", .postbreeze, .document, .uploaded(waits: 0), asks: 1, puts: 1) { _ in [] },
        expired("403 ExpiredRequest", .xml(403, "ExpiredRequest", "Request has expired")),
        expired("400 ExpiredRequest", .xml(400, "ExpiredRequest", "Request has expired")),
        expired("403 AccessDenied, expired", .xml(403, "AccessDenied", "Request has expired")),
        expired("403 ExpiredRequest three times", .xml(403, "ExpiredRequest", "Request has expired"), times: 3),
        Fault("403 ExpiredRequest for ever", .postbreeze, .document, .waitsForEver, asks: 4, puts: 4) {
            _ in
            put(.xml(403, "ExpiredRequest", "Request has expired"), times: 1000)
        },
        refusedOnce("403 SignatureDoesNotMatch", .xml(403, "SignatureDoesNotMatch", "The signature differs.")),
        refusedTwice("403 SignatureDoesNotMatch", .xml(403, "SignatureDoesNotMatch", "The signature differs.")),
        Fault("403 SignatureDoesNotMatch for ever", .postbreeze, .document, .waitsForEver, asks: 2, puts: 2) { _ in
            put(.xml(403, "SignatureDoesNotMatch", "The signature differs."), times: 1000)
        },
        refusedOnce("401", .xml(401, "Unauthorized", "No entry.")),
        sameAgain("400 InvalidArgument", .xml(400, "InvalidArgument", "Only one auth mechanism allowed")),
        sameAgain("411", .xml(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")),
        sameAgain("400 IncompleteBody", .xml(400, "IncompleteBody", "The body was short.")),
        sameAgain("400 ClientDisconnect", .xml(400, "ClientDisconnect", "The client went away.")),
        Fault(
            "400 EntityTooLarge",
            .postbreeze,
            .document,
            .rejected(["400", "Too much of it", "EntityTooLarge", "r2-4711"]),
            asks: 1,
            puts: 1
        ) { _ in put(.xml(400, "EntityTooLarge", "Too much of it.")) },
        sameAgain("429 TooManyRequests", .xml(429, "TooManyRequests", "Slower."), pause: .seconds(1)),
        sameAgain("429 ServiceUnavailable", .xml(429, "ServiceUnavailable", "Slower."), pause: .seconds(1)),
        sameAgain("500 InternalError", .xml(500, "InternalError", "We err.")),
        sameAgain("503 ServiceUnavailable", .xml(503, "ServiceUnavailable", "Later.")),
        sameAgain("503 SlowDown", .xml(503, "SlowDown", "Slower.")),
        sameAgain("502 as a page of HTML", .text(502, "<html><title>Bad gateway</title></html>", type: "text/html")),
        sameAgain("an answer of 500 and 1 MiB", .text(500, String(repeating: "x", count: 1 << 20))),
        sameAgain("a reset half-way", .reset),
        expired("400 AccessDenied, request time", .xml(400, "AccessDenied", "The request time is invalid.")),
        expired("403 RequestTimeTooSkewed", .xml(403, "RequestTimeTooSkewed", "The clocks differ too much.")),
        Fault(
            "a refusal with entities in its words",
            .postbreeze,
            .document,
            .rejected(["it isn't yours"]),
            asks: 1,
            puts: 1
        ) { _ in put(.xml(400, "EntityTooLarge", "it isn&#39;t yours")) },
    ]

    static let linkedInStorage: [Fault] = [
        expired("403 Signed URL has expired", .text(403, "Signed URL has expired"), .connectsafely, .image),
        expired("401 Signed URL has expired", .text(401, "Signed URL has expired"), .connectsafely, .image),
        Fault("401 without words, twice", .connectsafely, .image, .uploaded(waits: 1), asks: 3, puts: 3) { _ in
            put(.given(status: 401), times: 2)
        },
        Fault("a part gets 503", .connectsafely, .video, .uploaded(waits: 1), asks: 1, puts: 4, finishes: 1) { _ in
            put(.text(503, "Service Unavailable"))
        },
        Fault("a part is reset", .connectsafely, .video, .uploaded(waits: 1), asks: 1, puts: 4, finishes: 1) { _ in
            put(.reset)
        },
        // All three parts are on their way when the first of them is refused.
        // Three parts; how many of them go side by side is a matter of the memory that is left.
        Fault(
            "a part's URL has expired",
            .connectsafely,
            .video,
            .uploaded(waits: 0),
            asks: 2,
            puts: 4,
            besides: 2,
            finishes: 1
        ) { _ in put(.text(403, "Signed URL has expired")) },
    ]

    static func put(_ form: PreparedAnswer.Form, times: Int = 1) -> [PreparedAnswer] {
        [PreparedAnswer(to: "PUT", times: times, form)]
    }

    /// Asks again at once.
    private static func expired(
        _ name: String,
        _ form: PreparedAnswer.Form,
        _ provider: Provider = .postbreeze,
        _ file: File = .document,
        times: Int = 1
    ) -> Fault {
        Fault(name, provider, file, .uploaded(waits: 0), asks: times + 1, puts: times + 1) { _ in
            put(form, times: times)
        }
    }

    private static func refusedOnce(_ name: String, _ form: PreparedAnswer.Form) -> Fault {
        Fault("\(name) once", .postbreeze, .document, .uploaded(waits: 0), asks: 2, puts: 2) { _ in put(form) }
    }

    /// No refused key, and no verdict on the file: the next try asks anew.
    private static func refusedTwice(_ name: String, _ form: PreparedAnswer.Form) -> Fault {
        Fault("\(name) twice", .postbreeze, .document, .uploaded(waits: 1), asks: 3, puts: 3) { _ in
            put(form, times: 2)
        }
    }

    /// Waits, and uses the same URL again.
    private static func sameAgain(_ name: String, _ form: PreparedAnswer.Form, pause: Duration = .zero) -> Fault {
        Fault(name, .postbreeze, .document, .uploaded(waits: 1), asks: 1, puts: 2, pause: pause) { _ in put(form) }
    }
}
