import SystemPackage
import Testing

@testable import Pipeline

@Suite struct CorpusTests {
    @Test(arguments: CorpusRow.all)
    func `each file is what its content says, whatever its name`(row: CorpusRow) {
        let finding = MediaClassifier.classify(row.bytes)

        #expect(finding.type.mime.rawValue == row.mime)
        #expect(finding.type.kind == row.kind)
        #expect(row.words.isEmpty || finding.type.name.contains(row.words))
        #expect((finding.fault == nil) == (row.fault == nil), "\(finding)")
        #expect(finding.fault?.contains(row.fault ?? "") != false, "\(finding)")
    }

    @Test(arguments: CorpusRow.all)
    func `each file is admitted, or rejected with a reason that names it`(row: CorpusRow) {
        let finding = MediaClassifier.classify(row.bytes)
        let admission = Admission(provider: "postbreeze", acceptedTypes: Self.postbreeze, limits: SizeLimits())

        switch (admission.judge(finding, size: Int64(row.bytes.count)), row.kind) {
        case (.admitted(let kind), let expected):
            #expect(kind == expected && row.fault == nil)
        case (.rejected(let rejection), _) where row.fault != nil:
            #expect(rejection.code == .incomplete)
            #expect(rejection.reason == finding.fault)
        case (.rejected(let rejection), nil) where row.bytes.isEmpty:
            #expect(rejection == Rejection(.empty, "the file is empty"))
        case (.rejected(let rejection), nil):
            #expect(rejection.code == .unsupportedType)
            #expect(rejection.reason.contains(row.words))
            #expect(rejection.reason.contains(row.mime))
            #expect(rejection.reason.contains(finding.type.wayOut ?? ""))
        case (.rejected(let rejection), .some):
            Issue.record("rejected: \(rejection.reason)")
        }
    }

    @Test(arguments: CorpusRow.all)
    func `each file goes up under a name that fits its content`(row: CorpusRow) {
        let type = MediaClassifier.classify(row.bytes).type

        #expect(UploadName.of(FilePath("/in").appending(row.name), type: type) == row.uploadName)
    }

    @Test(arguments: [("raw.cr2", "export it as JPEG"), ("old.3gp", "ffmpeg -i x.3gp -c copy x.mp4")])
    func `a file that a person can make fit says how`(name: String, wayOut: String) throws {
        let row = try #require(CorpusRow.all.first { $0.name == name })

        #expect(MediaClassifier.classify(row.bytes).type.wayOut?.contains(wayOut) == true)
    }

    static let postbreeze: [MIMEType] = [
        .jpeg, .png, .gif, .webp, .heic, .heif, .mp4, .quickTime, .avi, .webm, .pdf,
    ]
}
