import Pipeline
import SystemPackage
import Testing

@Suite struct CorpusTests {
    @Test(arguments: CorpusRow.all)
    func `each file is what its content says, whatever its name`(row: CorpusRow) {
        let type = MediaClassifier.classify(row.bytes)

        #expect(type.mime.rawValue == row.mime)
        #expect(type.kind == row.kind)
        #expect(row.words.isEmpty || type.name.contains(row.words))
    }

    @Test(arguments: CorpusRow.all)
    func `each file is admitted, or rejected with a reason that names it`(row: CorpusRow) {
        let type = MediaClassifier.classify(row.bytes)
        let admission = Admission(provider: "postbreeze", acceptedTypes: Self.postbreeze, limits: SizeLimits())

        switch (admission.judge(type, size: Int64(row.bytes.count)), row.kind) {
        case (.admitted(let kind), let expected):
            #expect(kind == expected)
        case (.rejected(let rejection), nil) where row.bytes.isEmpty:
            #expect(rejection == Rejection(.empty, "the file is empty"))
        case (.rejected(let rejection), nil):
            #expect(rejection.code == .unsupportedType)
            #expect(rejection.reason.contains(row.words))
            #expect(rejection.reason.contains(row.mime))
        case (.rejected(let rejection), .some):
            Issue.record("rejected: \(rejection.reason)")
        }
    }

    @Test(arguments: CorpusRow.all)
    func `each file goes up under a name that fits its content`(row: CorpusRow) {
        let type = MediaClassifier.classify(row.bytes)

        #expect(UploadName.of(FilePath("/in").appending(row.name), type: type) == row.uploadName)
    }

    static let postbreeze: [MIMEType] = [
        .jpeg, .png, .gif, .webp, .heic, .heif, .mp4, .quickTime, .avi, .webm, .pdf,
    ]
}
