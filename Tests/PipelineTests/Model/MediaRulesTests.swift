import Testing

@testable import Pipeline

@Suite struct MediaRulesTests {
    private static let rules: MediaRules = {
        var rules = MediaRules()
        rules[.image].pixels = Bounds(least: 100, most: 36_152_319)
        rules[.video].duration = Bounds(least: 3000, most: 1_800_000)
        return rules
    }()

    private let admission = Admission(
        provider: "postbreeze",
        acceptedTypes: CorpusTests.postbreeze,
        limits: SizeLimits([.video: ByteCount(500)]),
        rules: rules
    )

    private func code(_ type: MediaType, _ measure: MediaMeasure, size: Int64 = 10) -> Rejection.Code? {
        if case .rejected(let rejection) = admission.judge(type, measure, size: size) { rejection.code } else { nil }
    }

    @Test func `a picture within the range goes up, and one pixel beyond either end does not`() {
        #expect(code(.jpeg, MediaMeasure(width: 10, height: 10)) == nil)
        #expect(code(.jpeg, MediaMeasure(width: 11, height: 9)) == .unsuitable)
        #expect(code(.png, MediaMeasure(width: 36_152_319, height: 1)) == nil)
        #expect(code(.png, MediaMeasure(width: 36_152_320, height: 1)) == .unsuitable)
    }

    @Test func `a video within the range goes up, and one millisecond beyond either end does not`() {
        #expect(code(.mp4, MediaMeasure(duration: .seconds(3))) == nil)
        #expect(code(.mp4, MediaMeasure(duration: .milliseconds(2999))) == .unsuitable)
        #expect(code(.mp4, MediaMeasure(duration: .seconds(1800))) == nil)
        #expect(code(.mp4, MediaMeasure(duration: .milliseconds(1_800_001))) == .unsuitable)
    }

    @Test func `a rule is for its kind alone`() {
        #expect(code(.gif, MediaMeasure(width: 1, height: 1)) == nil)
        #expect(code(.mp4, MediaMeasure(width: 1, height: 1)) == nil)
    }

    @Test func `the size comes first, as the API would refuse it`() {
        #expect(code(.mp4, MediaMeasure(duration: .seconds(1)), size: 501) == .tooLarge)
    }

    @Test func `the reason has the figures, the limit, and what to do`() {
        let large = admission.judge(MediaType.jpeg, MediaMeasure(width: 8000, height: 6000), size: 10)
        let short = admission.judge(MediaType.mp4, MediaMeasure(duration: .milliseconds(2400)), size: 10)
        let long = admission.judge(MediaType.mp4, MediaMeasure(duration: .milliseconds(1_800_500)), size: 10)

        let pixels = "this image has 48,000,000 pixels (8000 × 6000); the limit is 100 to 36,152,319 pixels: "
        #expect(large == .rejected(Rejection(.unsuitable, pixels + "make it smaller, or change limits.image.pixels")))
        let limit = "the limit is 3 s to 30:00: "
        let shortWords = "this video lasts 2.4 s; \(limit)make it longer, or change limits.video.seconds"
        #expect(short == .rejected(Rejection(.unsuitable, shortWords)))
        let longWords = "this video lasts 30:00.5; \(limit)cut it, or change limits.video.seconds"
        #expect(long == .rejected(Rejection(.unsuitable, longWords)))
    }

    @Test func `what a file does not tell rejects it not, and warns`() {
        let unknown = MediaFinding(.mp4, measure: MediaMeasure(width: 10, height: 10))
        let known = MediaFinding(.mp4, measure: MediaMeasure(duration: .seconds(5)))

        #expect(admission.judge(unknown, size: 10) == .admitted(.video))
        let text = "the duration of this video cannot be told, so nobody looked at the limit of 3 s to 30:00"
        #expect(admission.warnings(of: unknown, size: 10) == [MediaWarning(.unmeasured, text)])
        #expect(admission.warnings(of: known, size: 10).isEmpty)
        #expect(admission.warnings(of: MediaFinding(.jpeg), size: 10).map(\.code) == [.unmeasured])
        #expect(admission.warnings(of: MediaFinding(.pdf), size: 10).isEmpty)
    }

    @Test func `a waiting file is judged by its measure when the rules have changed`() {
        #expect(admission.judge(MediaType.mp4, MediaMeasure(duration: .seconds(1)), size: 10) != .admitted(.video))
        #expect(admission.judge(MIMEType.mp4, MediaMeasure(duration: .seconds(1)), size: 10) != .admitted(.video))
    }

    @Test func `a folder narrows its account's rules and never widens them`() {
        var folder = MediaRules()
        folder[.video].duration = Bounds(least: 1000, most: 60_000)
        folder[.gif].pixels = Bounds(most: 7)

        let both = Self.rules.narrowed(by: folder)

        #expect(both[.video].duration == Bounds(least: 3000, most: 60_000))
        #expect(both[.gif].pixels == Bounds(most: 7))
        #expect(both[.image] == Self.rules[.image])
    }

    @Test(arguments: [
        (Bounds(least: 5), false), (Bounds(least: 2), true), (Bounds(most: 8), false), (Bounds(most: 12), true),
        (Bounds(least: 11), true), (Bounds(most: 1), true), (Bounds.none, false), (Bounds(least: 3, most: 10), false),
    ])
    func `bounds exceed others where they allow more, or nothing that the others allow`(own: Bounds, exceeds: Bool) {
        #expect(own.exceeds(Bounds(least: 3, most: 10)) == exceeds)
    }
}

@Suite struct PublishedLimitsTests {
    private let limits = PublishedLimits(
        by: "LinkedIn",
        [
            .image: .init(mostPixels: 100),
            .video: .init(
                fewestBytes: ByteCount(75_000),
                duration: Bounds(least: 3000, most: 1_800_000),
                types: [.mp4]
            ),
        ]
    )

    private func codes(_ type: MediaType, size: Int64 = 75_000, _ measure: MediaMeasure) -> [MediaWarning.Code] {
        limits.warnings(of: type, size: size, measure).map(\.code)
    }

    @Test func `what is at a limit passes without a word, and what is beyond is warned of`() {
        #expect(codes(.jpeg, MediaMeasure(width: 10, height: 10)).isEmpty)
        #expect(codes(.jpeg, MediaMeasure(width: 101, height: 1)) == [.tooManyPixels])
        #expect(codes(.mp4, MediaMeasure(duration: .seconds(3))).isEmpty)
        #expect(codes(.mp4, MediaMeasure(duration: .seconds(1800))).isEmpty)
        #expect(codes(.mp4, MediaMeasure(duration: .milliseconds(2999))) == [.tooShort])
        #expect(codes(.mp4, MediaMeasure(duration: .milliseconds(1_800_001))) == [.tooLong])
        #expect(codes(.mp4, size: 74_999, .unknown) == [.tooSmall])
        #expect(codes(.webm, .unknown) == [.otherType])
    }

    @Test func `several limits give several warnings, and nothing is warned of what is not known`() {
        #expect(codes(.quickTime, size: 9, MediaMeasure(duration: .seconds(1))) == [.otherType, .tooSmall, .tooShort])
        #expect(codes(.jpeg, .unknown).isEmpty)
        #expect(codes(.pdf, MediaMeasure(width: 1000, height: 1000)).isEmpty)
    }

    @Test func `a warning says the figure, who publishes the limit, and the limit`() {
        let texts = limits.warnings(of: .webm, size: 12_300, MediaMeasure(duration: .seconds(2000))).map(\.text)

        #expect(
            texts == [
                "this is a WebM video; LinkedIn takes MP4, by its documentation",
                "this video has 12.3 kB; LinkedIn takes 75 kB at least",
                "this video lasts 33:20; LinkedIn takes 30:00 at most",
            ]
        )
    }

    @Test func `warnings are read as they were written, also those of a later version`() {
        let warnings = limits.warnings(of: .webm, size: 9, .unknown)
        let later: JSON = .object(["code": "later", "text": "?"])
        let both = [MediaWarning](.array([later, .null, .object(["code": "x"])] + (warnings.json.elements ?? [])))

        #expect([MediaWarning](warnings.json) == warnings)
        #expect(both == [MediaWarning(.init(rawValue: "later"), "?")] + warnings)
        #expect(both.json.elements?.first == later)
        #expect([MediaWarning](nil).isEmpty)
    }
}
