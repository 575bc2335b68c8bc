import Sandbox

/// What the APIs answer: a row for each shape of error, and for answers that are no errors and of no use.
extension Fault {
    static let refusals: [Fault] = [
        Fault(
            "400 VALIDATION_FAILED with a list of words",
            .postbreeze,
            .document,
            .rejected(["400", "filename is odd; bytes is odder", "VALIDATION_FAILED", "req_4711"]),
            asks: 1,
            puts: 0
        ) { _ in
            let body = """
                {"statusCode": 400, "code": "VALIDATION_FAILED", "message": ["filename is odd", "bytes is odder"],
                 "requestId": "req_4711"}
                """
            return asked(.json(400, body), of: presign)
        },
        refused(413, "Payload Too Large"), refused(415, "Unsupported Media Type"), refused(422, "Unprocessable"),
        refusedShape("error", "{\"error\": \"no such page\"}", ["no such page"]),
        refusedShape(
            "code and message",
            "{\"success\": false, \"code\": \"BAD_FILE\", \"message\": \"it is bad\"}",
            ["it is bad", "BAD_FILE"]
        ),
        refusedShape("success and error", "{\"success\": false, \"error\": \"no such page\"}", ["no such page"]),
        refusedShape("ZodError", zodError, ["fileSize: Required"]),
        // An upload that cannot be completed is begun anew, at once and then after a wait.
        Fault(
            "complete answers 400 twice",
            .connectsafely,
            .video,
            .uploaded(waits: 1),
            asks: 3,
            puts: 9,
            finishes: 3
        ) { _ in asked(.json(400, "{\"success\": false, \"error\": \"parts are missing\"}"), of: complete, times: 2) },
    ]

    static let trouble: [Fault] = [
        again("500", .json(500, "{\"statusCode\": 500, \"message\": \"Internal server error\"}")),
        again("503", .json(503, "{\"statusCode\": 503, \"message\": \"Service unavailable\"}")),
        again(
            "502 of presign as a page of HTML",
            .text(502, "<html><title>Bad gateway</title></html>", type: "text/html")
        ),
        again("503 with an empty body", .given(status: 503)),
        again("500 with 1 MiB of words", .json(500, "{\"message\": \"\(String(repeating: "x", count: 1 << 20))\"}")),
        Fault("a reset before the answer", .postbreeze, .document, .uploaded(waits: 1), asks: 2, puts: 1) { _ in
            asked(.reset, of: presign)
        },
        Fault("500 of init", .connectsafely, .image, .uploaded(waits: 1), asks: 2, puts: 1) { _ in
            asked(.json(500, "{\"error\": \"Internal server error\"}"), of: start)
        },
        Fault("500 of complete", .connectsafely, .video, .uploaded(waits: 1), asks: 1, puts: 3, finishes: 2) { _ in
            asked(.json(500, "{\"error\": \"Internal server error\"}"), of: complete)
        },
        Fault(
            "the answer of complete is lost",
            .connectsafely,
            .video,
            .uploaded(waits: 1),
            asks: 1,
            puts: 3,
            finishes: 2
        ) { _ in
            [PreparedAnswer(to: complete, .reset, isCarriedOut: true)]
        },
    ]

    /// `success: false` under a 200, in all four shapes of an error.
    static let shapes: [Fault] = [
        failedShape("error", "{\"error\": \"it broke\"}"),
        failedShape("code and message", "{\"success\": false, \"code\": \"BROKEN\", \"message\": \"it broke\"}"),
        failedShape("success and error", "{\"success\": false, \"error\": \"it broke\"}"),
        // What a validator says holds for the file, whatever the status.
        Fault("ZodError under 200", .connectsafely, .image, .rejected(["fileSize: Required"]), asks: 1, puts: 0) { _ in
            asked(.json(200, zodError), of: start)
        },
        Fault(
            "complete says success: false",
            .connectsafely,
            .video,
            .uploaded(waits: 0),
            asks: 2,
            puts: 6,
            finishes: 2
        ) { _ in
            asked(.json(200, "{\"success\": false, \"error\": \"it broke\"}"), of: complete)
        },
    ]

    /// Answers that are no errors, and lack something.
    static let odd: [Fault] = [
        Fault(
            "presign without mediaAsset",
            .postbreeze,
            .document,
            .uploaded(waits: 0),
            asks: 1,
            puts: 1,
            entry: { $0.mediaId == nil && $0.publicUrl != nil && $0.status == "unknown" },
            answers: { _ in asked(.own(without: ["mediaAsset"]), of: presign) }
        ),
        Fault("presign without uploadUrl", .postbreeze, .document, .uploaded(waits: 1), asks: 2, puts: 1) { _ in
            asked(.own(without: ["uploadUrl"]), of: presign)
        },
        Fault("init with neither parts nor uploadUrl", .connectsafely, .image, .uploaded(waits: 1), asks: 2, puts: 1) {
            _ in
            asked(.own(without: ["partUploadRequests", "uploadUrl"]), of: start)
        },
        Fault(
            "init without recipes",
            .connectsafely,
            .image,
            .uploaded(waits: 0),
            asks: 1,
            puts: 1,
            entry: { $0.recipes.isEmpty },
            answers: { _ in asked(.own(without: ["recipes", "uploadType"]), of: start) }
        ),
        Fault("parts with a hole", .connectsafely, .video, .uploaded(waits: 1), asks: 2, puts: 3, finishes: 1) {
            scene in
            let body = """
                {"success": true, "assetUrn": "urn:li:digitalmediaAsset:hole", "mediaArtifactUrn": "urn:hole",
                 "partUploadRequests": [
                   {"firstByte": 0, "lastByte": 4194303, "uploadUrl": "\(scene.addresses.storage)/hole/1"},
                   {"firstByte": 4194305, "lastByte": 9437183, "uploadUrl": "\(scene.addresses.storage)/hole/2"}]}
                """
            return asked(.json(200, body), of: start)
        },
        failedDocument("FAILED"), failedDocument("PROCESSING_FAILED"),
    ]

    static func asked(_ form: PreparedAnswer.Form, of route: String, times: Int = 1) -> [PreparedAnswer] {
        [PreparedAnswer(to: route, times: times, form)]
    }

    private static let zodError = """
        {"success": false, "error": {"name": "ZodError", "issues": [{"path": ["fileSize"], "message": "Required"}]}}
        """

    private static func refused(_ status: Int, _ words: String) -> Fault {
        let body = "{\"statusCode\": \(status), \"message\": \"\(words)\", \"requestId\": \"req_4711\"}"
        return Fault(
            "\(status)",
            .postbreeze,
            .document,
            .rejected(["\(status)", words, "req_4711"]),
            asks: 1,
            puts: 0
        ) { _ in
            asked(.json(status, body), of: presign)
        }
    }

    private static func refusedShape(_ name: String, _ body: String, _ words: [String]) -> Fault {
        Fault("400 of the shape \(name)", .connectsafely, .image, .rejected(words), asks: 1, puts: 0) { _ in
            asked(.json(400, body), of: start)
        }
    }

    private static func again(_ name: String, _ form: PreparedAnswer.Form) -> Fault {
        Fault(name, .postbreeze, .document, .uploaded(waits: 1), asks: 2, puts: 1) { _ in asked(form, of: presign) }
    }

    private static func failedShape(_ name: String, _ body: String) -> Fault {
        Fault("200 of the shape \(name)", .connectsafely, .image, .uploaded(waits: 1), asks: 2, puts: 1) { _ in
            asked(.json(200, body), of: start)
        }
    }

    private static func failedDocument(_ status: String) -> Fault {
        Fault(
            "document-status \(status)",
            .connectsafely,
            .document,
            .uploaded(waits: 0),
            asks: 1,
            puts: 1,
            entry: { $0.status == "failed" },
            answers: { _ in
                asked(
                    .json(200, "{\"success\": true, \"status\": \"\(status)\", \"ready\": false}"),
                    of: documentStatus
                )
            }
        )
    }
}
