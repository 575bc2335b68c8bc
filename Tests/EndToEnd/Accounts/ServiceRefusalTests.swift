import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Threads

extension EndToEnd {
    /// A storage that refuses in words that say nothing of the file: no file is judged by it alone.
    struct ServiceRefusalTests {
        /// An answer to every PUT.
        struct Answer: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let form: PreparedAnswer.Form
            /// What people read of it.
            let words: String

            static let all = [
                Answer(
                    testDescription: "403",
                    form: .xml(403, "SignatureDoesNotMatch", "The signature differs."),
                    words: "403: The signature differs (SignatureDoesNotMatch)"
                ),
                Answer(testDescription: "404", form: .given(status: 404), words: "the storage answered 404"),
                Answer(
                    testDescription: "400",
                    form: .xml(400, "InvalidArgument", "Odd."),
                    words: "400: Odd (InvalidArgument)"
                ),
                Answer(
                    testDescription: "501",
                    form: .xml(501, "NotImplemented", "Not here."),
                    words: "501: Not here (NotImplemented)"
                ),
                Answer(
                    testDescription: "expired",
                    form: .xml(403, "ExpiredRequest", "Request has expired"),
                    words: "403: Request has expired"
                ),
            ]
        }

        @Test(.timeLimit(.minutes(5)), arguments: Answer.all.filter { ["403", "501"].contains($0.testDescription) })
        func `a file that is refused alone waits, pass after pass, and each pass names it`(answer: Answer) async throws
        {
            try await withBench { bench in
                bench.sandbox.prepare([.init(to: "PUT", times: 1000, answer.form)])
                try bench.write(Media.pdf(), to: "inbox/a.pdf")

                for _ in 0..<2 {
                    let ending = try await bench.run("sync")

                    #expect(ending.code == 75, "\(ending)")
                    #expect(ending.error.contains("0 uploaded, 0 known already, 0 rejected, 1 waiting"), "\(ending)")
                    let line = ending.error.split(separator: "\n").first { $0.contains("a.pdf: queued") }
                    #expect(line?.contains(answer.words) == true, "\(ending)")
                }

                #expect(try bench.manifest()?.rejected.isEmpty == true)
                #expect(try bench.journal().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Answer.all)
        func `it goes up by itself once the storage is mended`(answer: Answer) async throws {
            try await withBench { bench in
                bench.sandbox.prepare([.init(to: "PUT", times: 1000, answer.form)])
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("file waits for another try", where: { $0.contains("a.pdf") })
                    bench.sandbox.weather.prepared = []
                    try await bench.waitForEntry("inbox/a.pdf")
                }

                #expect(try bench.journal().map(\.event) == ["uploaded"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `two files wait as well, and the storage's changing words do not matter`() async throws {
            try await withBench { bench in
                bench.sandbox.prepare(
                    (0..<100).flatMap { number -> [PreparedAnswer] in
                        [
                            .init(to: "PUT", .xml(404, "NoSuchKey", "No object \(number).")),
                            .init(to: "PUT", .xml(403, "AccessDenied", "File \(number) may not.")),
                            .init(to: "PUT", .xml(501, "NotImplemented", "Not here.")),
                        ]
                    }
                )
                for number in 0..<2 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }

                let ending = try await bench.run("sync")

                #expect(ending.code == 75 && ending.error.contains("0 rejected, 2 waiting"), "\(ending)")
                #expect(try bench.journal().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `three files block the account, whatever the statuses in turn, and go up once it is mended`() async throws
        {
            try await withBench { bench in
                bench.sandbox.prepare(
                    (0..<500).map { number in
                        .init(to: "PUT", .given(status: [404, 403, 501, 400][number % 4]))
                    }
                )
                for number in 0..<3 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }

                let ending = try await bench.run("sync")
                #expect(ending.code == 75 && ending.error.contains("0 rejected, 3 waiting"), "\(ending)")
                #expect(ending.error.contains("account blocked") && ending.error.contains("refused one like the other"))
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("account blocked")
                    bench.sandbox.weather.prepared = []
                    try daemon.send(SIGHUP)
                    try await bench.waitForManifest("all files") { $0.entries.count == 3 && $0.rejected.isEmpty }
                }

                #expect(try bench.journal().allSatisfy { $0.event == "uploaded" })
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a kill after a refusal leaves nothing rejected, and the next pass judges nothing by it`() async throws {
            try await withBench { bench in
                bench.sandbox.prepare([.init(to: "PUT", times: 1000, .given(status: 404))])
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                for _ in 0..<2 {
                    let killed = try await BuiltBinary.run(
                        ["sync", "--config", bench.configuration.string],
                        environment: ["HOME": bench.root.string, "OUTTRAY_CRASH_AT": "postponed"]
                    )
                    #expect(killed.status == .signaled(9), "\(killed)")
                }

                try await bench.sync(endsWith: 75)

                #expect(try bench.manifest()?.rejected.isEmpty == true)
                #expect(try bench.journal().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `push names the file and ends with 75`() async throws {
            try await withBench { bench in
                bench.sandbox.prepare([.init(to: "PUT", times: 1000, .given(status: 404))])
                let file = try bench.write(Media.pdf(), to: "a.pdf")

                let ending = try await bench.run("push", file.string, "--account", "main")

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.error.contains("a.pdf: waits: the storage answered 404"), "\(ending)")
                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is refused while others go up is rejected after few tries`() async throws {
            // The storage knows the file by its length.
            let bad = Media.pdf(1) + Array(repeating: UInt8(ascii: "\n"), count: 1000)
            let storageScript: @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply = { request, _ in
                request.values(of: "content-length") == ["\(bad.count)"]
                    ? .answer(403) : .answer(200, headers: [("ETag", "\"1\"")])
            }
            try await ScriptedServer.run(storageScript) { storage in
                let asked = Mutex(0)
                let apiScript: @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply = { _, number in
                    let ticket = """
                        {"uploadUrl": "\(storage.url)/k?sig=1",
                         "mediaAsset": {"id": "med_\(number)", "normalizationStatus": "SKIPPED"}}
                        """
                    asked.withLock { $0 += 1 }
                    return .text(201, ticket)
                }
                try await ScriptedServer.run(apiScript) { api in
                    try await withBench { bench in
                        let yaml = bench.yaml(
                            [.init()],
                            accounts: [.init(name: "main", provider: "postbreeze")],
                            addresses: (api.url + "/api/v1", "")
                        )
                        try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                        try bench.write(bad, to: "inbox/bad.pdf")
                        try await bench.withDaemon { daemon in
                            try await daemon.waitForLog("file waits for another try", where: { $0.contains("bad.pdf") })
                            #expect(try bench.manifest()?.rejected.isEmpty != false)
                            for number in 2..<6 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                            let rejected = try await bench.waitForRejection("inbox/bad.pdf")
                            #expect(rejected.code == "refused-by-provider" && rejected.reason.contains("403"))
                            try await bench.waitForManifest("the others") { $0.entries.count == 4 }
                            #expect(!daemon.log.contains("account blocked"))
                        }
                        let isBad = storage.requests.map { $0.values(of: "content-length") == ["\(bad.count)"] }
                        let tries = isBad.count { $0 }
                        #expect(tries >= 3, "the first try asks twice")
                        // One may have begun before the ledger knew of the upload.
                        let later = isBad.drop { $0 }.count { $0 }
                        #expect((1...2).contains(later), "\(isBad)")
                        #expect(asked.withLock { $0 } == tries + 4)
                    }
                }
            }
        }
    }
}
