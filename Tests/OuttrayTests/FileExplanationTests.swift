import Control
import Glibc
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@Suite struct FileExplanationTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func known(
        _ state: FileState,
        cause: WaitCause? = nil,
        reason: String = "",
        due: Timestamp? = nil,
        row: ManifestRow? = nil,
        _ steps: [FileStep] = []
    ) -> KnownFile {
        let record = FileRecord(
            path: "/in/a.jpg",
            folder: "inbox",
            account: "main",
            state: state,
            cause: cause,
            reason: reason,
            version: FileVersion(device: 1, inode: 1, size: 10, modified: 1, changed: 1),
            attempts: 1,
            due: due,
            updatedAt: at(1)
        )
        return KnownFile(record: record, row: row, steps: steps)
    }

    private func entry(_ status: AssetStatus = .ready, shown: Bool = true) -> ManifestRow {
        let entry = ManifestEntry(
            folder: "inbox",
            kind: .image,
            mimeType: .jpeg,
            bytes: 10,
            sha256: SHA256Digest(bytes: Array(repeating: 1, count: 32)),
            provider: "postbreeze",
            account: "main",
            receipt: Receipt(mediaID: "med_1", status: status),
            present: true,
            uploadedAt: at(5),
            revision: 3
        )
        return ManifestRow(path: "/in/a.jpg", content: .entry(entry), shown: shown)
    }

    private func explanation(_ known: KnownFile, unknown: String? = nil) -> FileExplanation {
        FileExplanation("/in/a.jpg", known, unknown: unknown)
    }

    private func lines(_ explanation: FileExplanation) -> [String] {
        explanation.lines(time: { "\($0.milliseconds / 1000) s" }, printable: { $0 })
    }

    @Test func `what may keep the provider from using a file is told as soon as it waits, and while it is up`() {
        let warnings = [MediaWarning(.tooShort, "this video lasts 2.4 s")]
        let measure = MediaMeasure(width: 1080, height: 1920, duration: .milliseconds(2400))
        let look = FileStep.Facts(mimeType: .mp4, kind: .video, measure: measure, warnings: warnings)
        let steps = [FileStep(.classified, at: at(1), look), FileStep(.queued, at: at(1))]
        var up = entry()
        if case .entry(var entry) = up.content {
            entry.warnings = warnings
            up = ManifestRow(path: "/in/a.jpg", content: .entry(entry))
        }

        let waits = explanation(known(.queued, steps))
        let isUp = explanation(known(.uploaded, row: up))

        #expect(lines(waits).contains("  1 s   classified  VIDEO, video/mp4, 0:02 · 1080 × 1920"), "\(lines(waits))")
        #expect(lines(waits).contains { $0.hasSuffix("  warning     this video lasts 2.4 s") }, "\(lines(waits))")
        #expect(lines(isUp).contains { $0.hasSuffix("warning  this video lasts 2.4 s") }, "\(lines(isUp))")
        let told = #""warnings":[{"code":"too-short","text":"this video lasts 2.4 s"}]"#
        #expect(waits.json.json.contains(told) && isUp.json.json.contains(told))
        // The file there is another one than the entry's.
        #expect(explanation(known(.settling, row: up)).warnings.isEmpty)
        #expect(explanation(known(.queued, row: up)).warnings.isEmpty)
    }

    @Test func `each state has a headline and says what comes next`() {
        let marked = "waits for a.jpg.done"
        let unmarked = FileStep(.postponed, at: at(1), .init(cause: .settling, reason: marked))
        let rows: [(KnownFile, String, String?)] = [
            (known(.settling), "is waited for: it is still changing", "it is looked at again"),
            (
                known(.settling, cause: .heldOpen, [FileStep(.held, at: at(1))]), "is waited for: it is held open",
                "it is looked at again"
            ),
            (
                known(.settling, cause: .settling, reason: marked, [unmarked]), "is waited for: it \(marked)",
                "it is looked at again"
            ),
            // What is recorded last is in the row. Not each change of it has a step.
            (
                known(.settling, cause: .settling, reason: "changed recently", [unmarked]),
                "is waited for: it is still changing", "it is looked at again"
            ),
            (
                known(.settling, cause: .settling, reason: "changed recently", [FileStep(.held, at: at(1))]),
                "is waited for: it is still changing", "it is looked at again"
            ),
            (
                known(.settling, cause: .settling, reason: marked, [unmarked, FileStep(.held, at: at(2))]),
                "is waited for: it \(marked)", "it is looked at again"
            ),
            (known(.queued), "waits for its turn", "it goes up when account main has a free slot"),
            (
                known(.queued, cause: .quota, reason: "its storage is full"), "waits: its storage is full",
                "it goes up when account main opens"
            ),
            (known(.queued, cause: .retry, reason: "503", due: at(9)), "waits: 503", "another try"),
            (known(.uploading), "is on its way", "it is in the manifest once it is up"),
            (known(.uploaded, row: entry()), "is up: med_1", nil),
            (
                known(.uploaded, row: entry(.processing)), "is up: med_1",
                "the provider is asked again whether it is ready"
            ),
            (known(.rejected, reason: "too large"), "was rejected: too large", "nothing, until the file changes"),
            (known(.gone, row: entry()), "has left its folder; its entry stays: med_1", nil),
            (KnownFile(row: entry(shown: false)), "has left its folder", nil),
            (KnownFile(steps: [FileStep(.left, at: at(1))]), "has left its folder", nil),
        ]

        for (known, headline, next) in rows {
            #expect(explanation(known).headline == headline)
            #expect(explanation(known).next?.what == next)
        }
    }

    @Test func `a path that is not known says why`() {
        let explanation = explanation(KnownFile(), unknown: "it is a directory")

        #expect(lines(explanation) == ["/in/a.jpg  is not known: it is a directory"])
        #expect(explanation.json.members?["known"]?.bool == false)
    }

    @Test func `steps are aligned, count, and are followed by what comes next`() {
        let steps = [
            FileStep(.seen, at: at(1), .init(bytes: 1_500_000)),
            FileStep(.classified, at: at(12), .init(mimeType: .jpeg, kind: .image)),
            FileStep(.postponed, at: at(13), .init(cause: .retry, reason: "503 Slow Down"), times: 3, last: at(100)),
        ]

        #expect(
            lines(explanation(known(.queued, cause: .retry, reason: "503 Slow Down", due: at(120), steps))) == [
                "/in/a.jpg  waits: 503 Slow Down",
                "  1 s   seen        1.5 MB",
                "  12 s  classified  IMAGE, image/jpeg",
                "  13 s  postponed   503 Slow Down (3 times, last 100 s)",
                "  next  120 s       another try: 503 Slow Down",
            ]
        )
    }

    @Test(arguments: FileStep.Kind.allCases)
    func `each kind of step has words where it has facts`(kind: FileStep.Kind) {
        let facts = FileStep.Facts(
            bytes: 1,
            mimeType: .jpeg,
            kind: .image,
            account: "main",
            asset: "urn:1",
            pieces: 2,
            cause: .quota,
            code: .empty,
            reason: "reason",
            status: .ready,
            path: "/b"
        )

        #expect(!FileStep(kind, at: at(1), facts).words.isEmpty)
    }

    @Test func `the answer for scripts has every member that a person is told of`() throws {
        var known = known(.uploaded, row: entry(), [FileStep(.seen, at: at(1), .init(bytes: 10), times: 1)])
        known.sameBytes = ["/in/b.jpg"]
        let facts = FileFacts(bytes: 10, modified: at(2), links: 2)
        let holder = FileHolder(process: 7, name: "cp")
        let json = FileExplanation("/in/a.jpg", known, file: facts, holders: FileHolders([holder])).json

        #expect(
            json.json == """
                {"path":"/in/a.jpg","known":true,"state":"uploaded","version":"1-1","headline":"is up: med_1",\
                "file":{"bytes":10,"modified":"1970-01-01T00:00:02Z","links":2},"holder":[{"pid":7,"name":"cp"}],\
                "asset":\(entry().json),"sameBytes":["/in/b.jpg"],\
                "steps":[{"at":"1970-01-01T00:00:01Z","step":"seen","text":"10 bytes","detail":{"bytes":10},"times":1}]}
                """
        )
    }

    @Test func `this process holds what it has open for writing, and nothing else`() throws {
        let path = FilePath("/tmp/outtray-holder-\(UInt64.random(in: 0 ... .max))")
        let writer = try FileDescriptor.open(path, .writeOnly, options: .create, permissions: .ownerReadWrite)
        let reader = try FileDescriptor.open(path, .readOnly)
        defer { try? reader.close() }

        #expect(FileHolders(of: path).seen.map(\.process) == [getpid()])
        try writer.close()
        #expect(FileHolders(of: path).seen == [])
        #expect(unlink(path.string) == 0)
        #expect(FileHolders(of: path) == .none)
    }

    @Test func `this process holds a file that it has opened under another name`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a.jpg", "one")
        try directory.hardLink("b.jpg", to: "a.jpg")
        let writer = try FileDescriptor.open(directory.at("b.jpg"), .writeOnly)
        defer { try? writer.close() }

        #expect(FileHolders(of: path).seen.map(\.process) == [getpid()])
    }

    @Test func `this process holds what it has mapped for writing, though its descriptor is closed`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a.jpg", String(repeating: "x", count: 4096))
        func map(_ protection: Int32, _ flags: Int32) throws -> UnsafeMutableRawPointer {
            let file = try FileDescriptor.open(path, .readWrite)
            let memory = mmap(nil, 4096, protection, flags, file.rawValue, 0)
            try file.close()
            return try #require(memory == MAP_FAILED ? nil : memory)
        }
        let own = try map(PROT_READ | PROT_WRITE, MAP_PRIVATE)
        #expect(FileHolders(of: path).seen == [], "its own copy")

        let shared = try map(PROT_READ | PROT_WRITE, MAP_SHARED)
        let holders = FileHolders(of: path).seen

        #expect(holders.map(\.process) == [getpid()] && holders.first?.isMapping == true)
        #expect(munmap(shared, 4096) == 0 && munmap(own, 4096) == 0)
        #expect(FileHolders(of: path).seen == [])
    }

    @Test func `who holds a file is named with its way, and nobody who is seen is told as that`() {
        let steps = [FileStep(.held, at: at(1))]
        func held(_ holders: FileHolders) -> String? {
            lines(FileExplanation("/in/a.jpg", known(.settling, cause: .heldOpen, steps), holders: holders))
                .first { $0.contains("held by") }
        }

        #expect(
            held(FileHolders([FileHolder(process: 7, name: "cp")]))?.hasSuffix("cp (process 7, since 1 s or before)")
                == true
        )
        #expect(
            held(FileHolders([FileHolder(process: 7, name: "x", isMapping: true)]))?.contains(
                "mapped for writing by process 7"
            ) == true
        )
        #expect(held(FileHolders([], unseen: 3))?.contains("3 processes are other users'") == true)
        #expect(held(.none)?.contains("another container") == true)
        #expect(
            FileExplanation(
                "/in/a.jpg",
                known(.settling, cause: .heldOpen, steps),
                holders: FileHolders([], unseen: 3)
            ).json.json
                .contains(#""holder":[],"unseenProcesses":3"#)
        )
    }

    @Test func `on a terminal long lines are broken at spaces, and go on beneath their text`() {
        let words = "this is plain text (text/plain); postbreeze takes JPEG, PNG, GIF, WebP"
        let known = known(.rejected, reason: words, [FileStep(.rejected, at: at(1), .init(reason: words))])

        let lines = FileExplanation("/in/a.jpg", known).lines(
            time: { "\($0.milliseconds / 1000) s" },
            printable: { $0 },
            width: 60
        )

        #expect(lines.allSatisfy { $0.count <= 60 }, "\(lines)")
        #expect(
            lines.prefix(4) == [
                "/in/a.jpg  was rejected: this is plain text (text/plain);",
                "    postbreeze takes JPEG, PNG, GIF, WebP",
                "  1 s   rejected  this is plain text (text/plain);",
                "                  postbreeze takes JPEG, PNG, GIF, WebP",
            ],
            "\(lines)"
        )
    }

    /// As the manifest says it of its paths.
    @Test func `paths that are not UTF-8 say how they are written`() throws {
        let odd = FilePath(bytes: Array("/in/".utf8) + [0xFF])
        var known = known(.uploaded, row: entry(), [FileStep(.moved, at: at(1), FileStep.Facts(path: odd))])
        known.sameBytes = ["/in/b.jpg", odd]

        let json = FileExplanation("/in/a.jpg", known).json.json

        #expect(
            json.contains(##""sameBytes":["/in/b.jpg","/in/%FF"],"sameBytesEncoding":[null,"percent"]"##),
            "\(json)"
        )
        #expect(json.contains(##""detail":{"path":"/in/%FF","pathEncoding":"percent"}"##), "\(json)")
    }
}
