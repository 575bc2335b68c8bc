import Sandbox

/// What something else answers in place of an API or its storage: a portal, a firewall, a proxy, another service. It is
/// no success and no file's fault, and the account says what it is.
extension Fault {
    private static let page = "<html><title>Sign in to Hotel</title></html>"
    private static let cause = "does not answer as it should"

    static let strangers: [Fault] = [
        stranger("a page of HTML under 200", .text(200, page, type: "text/html"), "Sign in to Hotel"),
        stranger("an empty body under 201", .given(status: 201), "201 with nothing"),
        stranger("an empty 204", .given(status: 204), "204 with nothing"),
        stranger(
            "a redirect",
            .given(status: 302, headers: ["location": "http://127.0.0.1:9/a?b=c"]),
            "to http://127.0.0.1:9,"
        ),
        stranger("400 as a page of HTML", .text(400, page, type: "text/html"), "Sign in to Hotel"),
        stranger("400 in plain words", .text(400, "Client sent an HTTP request to an HTTPS server."), "HTTPS server"),
        stranger("403 as a page of HTML", .text(403, page, type: "text/html"), "Sign in to Hotel"),
        stranger("404 as a page of HTML", .text(404, page, type: "text/html"), "Sign in to Hotel"),
        stranger("413 as a page of HTML", .text(413, page, type: "text/html"), "Sign in to Hotel"),
        stranger(
            "400 that is compressed",
            .given(status: 400, headers: ["content-encoding": "gzip"], body: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
            "the coding gzip"
        ),
        Fault("complete answers a page of HTML", .connectsafely, .video, .blocked(cause), asks: 1, puts: 3, finishes: 1)
        {
            _ in
            asked(.text(200, page, type: "text/html"), of: complete, times: 9)
        },
        Fault("complete answers an empty 204", .connectsafely, .video, .blocked(cause), asks: 1, puts: 3, finishes: 1) {
            _ in
            asked(.given(status: 204), of: complete, times: 9)
        },
    ]

    static let strangeStorages: [Fault] = [
        strangeStorage("200 with a page of HTML", .text(200, page, type: "text/html"), "Sign in to Hotel"),
        strangeStorage("200 with nothing and no ETag", .given(status: 200), "no ETag"),
        strangeStorage("200 with plain words", .text(200, "OK"), "OK"),
        strangeStorage("206 with an ETag", .given(status: 206, headers: ["etag": "\"1\""]), "206"),
        strangeStorage("403 as a page of HTML", .text(403, page, type: "text/html"), "Sign in to Hotel"),
        strangeStorage("404 NoSuchBucket", .xml(404, "NoSuchBucket", "No such bucket."), "NoSuchBucket"),
        strangeStorage(
            "200 with a page of HTML",
            .text(200, page, type: "text/html"),
            "Sign in",
            .connectsafely,
            .image
        ),
        strangeStorage("200 with plain words", .text(200, "OK"), "OK", .connectsafely, .image),
        Fault("307 to another place", .postbreeze, .document, .blocked("a redirect to http://"), asks: 1, puts: 1) {
            scene in
            put(.given(status: 307, headers: ["location": scene.addresses.postbreeze + "/redirected"]), times: 9)
        },
        // The storage has it already, and may say so in any of the three ways.
        Fault("200 with a Location", .connectsafely, .image, .uploaded(waits: 0), asks: 1, puts: 1) { _ in
            [PreparedAnswer(to: "PUT", .given(status: 200, headers: ["location": "/ambry/1"]), isCarriedOut: true)]
        },
        Fault("200 with an ETag", .connectsafely, .image, .uploaded(waits: 0), asks: 1, puts: 1) { _ in
            [PreparedAnswer(to: "PUT", .given(status: 200, headers: ["etag": "\"1\""]), isCarriedOut: true)]
        },
    ]

    private static func stranger(_ name: String, _ form: PreparedAnswer.Form, _ words: String) -> Fault {
        Fault(name, .postbreeze, .document, .blocked(words), asks: 1, puts: 0) { _ in asked(form, of: presign, times: 9)
        }
    }

    private static func strangeStorage(
        _ name: String,
        _ form: PreparedAnswer.Form,
        _ words: String,
        _ provider: Provider = .postbreeze,
        _ file: File = .document
    ) -> Fault {
        Fault("a PUT gets \(name)", provider, file, .blocked(words), asks: 1, puts: 1) { _ in put(form, times: 9) }
    }
}
