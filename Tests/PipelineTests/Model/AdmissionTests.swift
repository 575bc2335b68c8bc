import Pipeline
import Testing

@Suite struct AdmissionTests {
    private let admission = Admission(
        provider: "postbreeze",
        acceptedTypes: CorpusTests.postbreeze,
        limits: SizeLimits([.video: ByteCount(500_000_000), .image: ByteCount(0)])
    )

    @Test func `a video that is not taken hears which videos are`() {
        let matroska = MediaType(mime: MIMEType(rawValue: "video/x-matroska"), name: "a Matroska video")
        let reason = "this is a Matroska video (video/x-matroska); postbreeze takes MP4, QuickTime, AVI, WebM"

        #expect(admission.judge(matroska, size: 10) == .rejected(Rejection(.unsupportedType, reason)))
    }

    @Test func `an image that is not taken hears which images are`() {
        let tiff = MediaType(mime: MIMEType(rawValue: "image/tiff"), name: "a TIFF image")
        let reason = "this is a TIFF image (image/tiff); postbreeze takes JPEG, PNG, GIF, WebP, HEIC, HEIF"

        #expect(admission.judge(tiff, size: 10) == .rejected(Rejection(.unsupportedType, reason)))
    }

    @Test func `anything else hears all that is taken`() {
        let text = MediaType(mime: MIMEType(rawValue: "text/plain"), name: "plain text")
        let reason =
            "this is plain text (text/plain); postbreeze takes JPEG, PNG, GIF, WebP, HEIC, HEIF, MP4, QuickTime, AVI, "
            + "WebM, PDF"

        #expect(admission.judge(text, size: 10) == .rejected(Rejection(.unsupportedType, reason)))
    }

    @Test func `a media type that this provider does not take is rejected, and one of its own naming is listed`() {
        let narrow = Admission(
            provider: "other",
            acceptedTypes: [.pdf, MIMEType(rawValue: "text/csv")],
            limits: SizeLimits()
        )
        let reason = "this is a JPEG image (image/jpeg); other takes PDF, text/csv"

        #expect(narrow.judge(.jpeg, size: 10) == .rejected(Rejection(.unsupportedType, reason)))
        #expect(narrow.judge(.pdf, size: 10) == .admitted(.document))
    }

    @Test func `what is no post's media is rejected even where its type is in the list`() {
        let text = MediaType(mime: MIMEType(rawValue: "text/plain"), name: "plain text")
        let wide = Admission(provider: "other", acceptedTypes: [text.mime], limits: SizeLimits())
        let reason = "this is plain text (text/plain); other takes text/plain"

        #expect(wide.judge(text, size: 10) == .rejected(Rejection(.unsupportedType, reason)))
    }

    @Test func `a file of exactly the cap goes up, one byte more does not`() {
        let reason = "this VIDEO has 500000001 bytes; the cap is 500000000 bytes"

        #expect(admission.judge(.mp4, size: 500_000_000) == .admitted(.video))
        #expect(admission.judge(.mp4, size: 500_000_001) == .rejected(Rejection(.tooLarge, reason)))
    }

    @Test func `sizes are told as people say them`() {
        let reason = "this VIDEO has 612 MB; the cap is 500 MB"

        #expect(admission.judge(.webm, size: 612_300_000) == .rejected(Rejection(.tooLarge, reason)))
    }

    @Test func `a kind without a cap has none, and a cap of nothing lets nothing through`() {
        #expect(admission.judge(.gif, size: .max) == .admitted(.gif))
        #expect(
            admission.judge(.png, size: 1)
                == .rejected(Rejection(.tooLarge, "this IMAGE has 1 byte; the cap is 0 bytes"))
        )
    }

    @Test func `an empty file is empty before it is anything else`() {
        #expect(admission.judge(.unknown, size: 0) == .rejected(Rejection(.empty, "the file is empty")))
        #expect(admission.judge(.png, size: 0) == .rejected(Rejection(.empty, "the file is empty")))
    }
}
